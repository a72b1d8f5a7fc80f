//! Webhooks on their way: kept until they have arrived or are given up, so that a restart loses none.

use jiff::{SignedDuration, Timestamp};
use kiosk_api::TenantCode;
use serde_json::json;
use sqlx::AssertSqlSafe;

use super::audit::note;
use super::{Store, StoreError, reading, timestamp, writing};
use crate::audit::{Actor, Deed, Note};

/// One webhook's event.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DeliveryRow {
    /// Which webhook.
    pub hook: String,
    /// The event's id; the receiver knows a repetition by it.
    pub event: String,
    /// What is sent.
    pub body: String,
    /// How often it was tried, this time included.
    pub attempts: i64,
    /// Why the last try failed.
    pub problem: Option<String>,
    /// When it happened.
    pub created_at: Timestamp,
}

/// An event for some webhooks.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Announcement {
    /// Which webhooks.
    pub hooks: Vec<String>,
    /// The event's id.
    pub event: String,
    /// What is sent.
    pub body: String,
    /// When it happened.
    pub at: Timestamp,
}

/// Puts an event on its way on a connection that is already in its town's transaction: what happened and its announcement
/// stand together or not at all.
macro_rules! announce {
    ($on:expr, $tenant:expr, $told:expr) => {
        for hook in &$told.hooks {
            sqlx::query(
                "INSERT INTO deliveries (tenant, hook, event, body, state, attempts, due_at, created_at) \
                 VALUES ($1, $2, $3, $4, 'waiting', 0, $5, $5) ON CONFLICT (tenant, hook, event) DO NOTHING",
            )
            .bind($tenant.as_str())
            .bind(hook.as_str())
            .bind($told.event.as_str())
            .bind($told.body.as_str())
            .bind($told.at.as_millisecond())
            .execute(&mut *$on)
            .await?;
        }
    };
}

pub(super) use announce;

/// How a try ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Tried {
    /// It has arrived.
    Arrived,
    /// Again at this time; why.
    Again(Timestamp, String),
    /// Given up; why.
    Dead(String),
}

type Columns = (String, String, String, i64, Option<String>, i64);

const COLUMNS: &str = "hook, event, body, attempts, problem, created_at";

fn row(columns: Columns) -> Result<DeliveryRow, StoreError> {
    let (hook, event, body, attempts, problem, created_at) = columns;
    Ok(DeliveryRow {
        hook,
        event,
        body,
        attempts,
        problem,
        created_at: timestamp("deliveries", created_at)?,
    })
}

impl Store {
    /// Puts an event on its way, to each webhook once however often it is put.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn enqueue_deliveries(
        &self,
        tenant: &TenantCode,
        told: &Announcement,
    ) -> Result<(), StoreError> {
        writing!(self, tenant, on => announce!(on, tenant, told));
        Ok(())
    }

    /// Takes the delivery that is due longest; it is due again after `turn`, should nobody say how it ended.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn take_delivery(
        &self,
        tenant: &TenantCode,
        now: Timestamp,
        turn: SignedDuration,
    ) -> Result<Option<DeliveryRow>, StoreError> {
        let take = format!(
            "UPDATE deliveries SET due_at = $3, attempts = attempts + 1 WHERE tenant = $1 AND (hook, event) = \
             (SELECT hook, event FROM deliveries WHERE tenant = $1 AND state = 'waiting' AND due_at <= $2 \
             ORDER BY due_at, created_at, hook, event LIMIT 1{}) RETURNING {COLUMNS}",
            self.skip_locked()
        );
        let found: Option<Columns> = writing!(self, tenant, on => sqlx::query_as(AssertSqlSafe(take))
            .bind(tenant.as_str())
            .bind(now.as_millisecond())
            .bind((now + turn).as_millisecond())
            .fetch_optional(&mut *on)
            .await?);
        found.map(row).transpose()
    }

    /// Keeps how a try ended; a try that took so long that another one has begun says nothing any more. What must wait
    /// lets the webhook's other events wait as long: a receiver that is away costs one try at a time.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn note_delivery(
        &self,
        tenant: &TenantCode,
        delivery: &DeliveryRow,
        tried: &Tried,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let (state, due, problem) = match tried {
            Tried::Arrived => ("arrived", now, None),
            Tried::Again(due, problem) => ("waiting", *due, Some(problem.as_str())),
            Tried::Dead(problem) => ("dead", now, Some(problem.as_str())),
        };
        let ended = (state != "waiting").then(|| now.as_millisecond());
        let sent = Note::new(now, Actor::Service, Deed::WebhookSent)
            .about(&delivery.event)
            .with(json!({ "hook": delivery.hook, "state": state, "attempts": delivery.attempts }));
        writing!(self, tenant, on => {
            let rows = sqlx::query(
                "UPDATE deliveries SET state = $5, due_at = $6, problem = $7, ended_at = $8 \
                 WHERE tenant = $1 AND hook = $2 AND event = $3 AND attempts = $4 AND state = 'waiting'",
            )
            .bind(tenant.as_str())
            .bind(delivery.hook.as_str())
            .bind(delivery.event.as_str())
            .bind(delivery.attempts)
            .bind(state)
            .bind(due.as_millisecond())
            .bind(problem)
            .bind(ended)
            .execute(&mut *on)
            .await?
            .rows_affected();
            if rows > 0 && ended.is_some() {
                note!(on, tenant, &sent);
            }
            if let Tried::Again(due, _) = tried {
                sqlx::query(
                    "UPDATE deliveries SET due_at = $3 WHERE tenant = $1 AND hook = $2 AND state = 'waiting' AND due_at < $3",
                )
                .bind(tenant.as_str())
                .bind(delivery.hook.as_str())
                .bind(due.as_millisecond())
                .execute(&mut *on)
                .await?;
            }
        });
        Ok(())
    }

    /// Deliveries that were given up, the newest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn dead_letters(
        &self,
        tenant: &TenantCode,
        most: i64,
    ) -> Result<Vec<DeliveryRow>, StoreError> {
        let list = format!(
            "SELECT {COLUMNS} FROM deliveries WHERE tenant = $1 AND state = 'dead' ORDER BY ended_at DESC, hook, event LIMIT $2"
        );
        let rows: Vec<Columns> = reading!(self, tenant, on => sqlx::query_as(AssertSqlSafe(list))
            .bind(tenant.as_str())
            .bind(most)
            .fetch_all(&mut *on)
            .await?);
        rows.into_iter().map(row).collect()
    }

    /// Sends a dead letter once more, from the beginning; `false` when there is none of this name.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn revive_delivery(
        &self,
        tenant: &TenantCode,
        (hook, event): (&str, &str),
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let rows = writing!(self, tenant, on => sqlx::query(
            "UPDATE deliveries SET state = 'waiting', attempts = 0, due_at = $4, ended_at = NULL \
             WHERE tenant = $1 AND hook = $2 AND event = $3 AND state = 'dead'",
        )
        .bind(tenant.as_str())
        .bind(hook)
        .bind(event)
        .bind(now.as_millisecond())
        .execute(&mut *on)
        .await?
        .rows_affected());
        Ok(rows > 0)
    }
}
