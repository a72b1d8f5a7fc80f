//! Webhooks on their way: kept until they have arrived or are given up, so that a restart loses none.

use jiff::{SignedDuration, Timestamp};
use kiosk_api::TenantCode;
use serde_json::json;
use sqlx::AssertSqlSafe;

use crate::audit::{self, Actor, AuditEvent, AuditRecord};
use crate::connection::Connection;
use crate::query::{Query, query};
use crate::row::{FromRow, Row};
use crate::{Store, StoreError};

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
pub struct NewDelivery {
    /// Which webhooks.
    pub hooks: Vec<String>,
    /// The event's id.
    pub event: String,
    /// What is sent.
    pub body: String,
    /// When it happened.
    pub at: Timestamp,
}

/// How a try ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum DeliveryOutcome {
    /// The receiver has it.
    Arrived,
    /// Again at this time; why.
    Again(Timestamp, String),
    /// Given up; why.
    Dead(String),
}

impl DeliveryOutcome {
    /// The columns `state`, `due_at` and `problem`.
    fn columns(&self, now: Timestamp) -> (&'static str, Timestamp, Option<&str>) {
        match self {
            Self::Arrived => ("arrived", now, None),
            Self::Again(due, problem) => ("waiting", *due, Some(problem.as_str())),
            Self::Dead(problem) => ("dead", now, Some(problem.as_str())),
        }
    }
}

const COLUMNS: &str = "hook, event, body, attempts, problem, created_at";

impl FromRow for DeliveryRow {
    const TABLE: &'static str = "deliveries";

    fn from_row(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            hook: row.get("hook")?,
            event: row.get("event")?,
            body: row.get("body")?,
            attempts: row.get("attempts")?,
            problem: row.get("problem")?,
            created_at: row.time("created_at")?,
        })
    }
}

/// Puts an event on its way in the transaction of what happened: both are kept, or neither.
pub(crate) async fn enqueue(
    connection: &mut Connection,
    tenant: &TenantCode,
    delivery: &NewDelivery,
) -> Result<(), StoreError> {
    for hook in &delivery.hooks {
        let insert = query(
            "INSERT INTO deliveries (tenant, hook, event, body, state, attempts, due_at, created_at) \
             VALUES ($1, $2, $3, $4, 'waiting', 0, $5, $5) ON CONFLICT (tenant, hook, event) DO NOTHING",
        )
        .bind(tenant)
        .bind(hook.as_str())
        .bind(delivery.event.as_str())
        .bind(delivery.body.as_str())
        .bind(delivery.at);
        connection.execute(insert).await?;
    }
    Ok(())
}

impl Store {
    /// Puts an event on its way, to each webhook once however often it is put.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn enqueue_deliveries(
        &self,
        tenant: &TenantCode,
        delivery: &NewDelivery,
    ) -> Result<(), StoreError> {
        let mut connection = self.write(tenant).await?;
        enqueue(&mut connection, tenant, delivery).await?;
        connection.commit().await
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
            self.database.skip_locked()
        );
        let take = query(AssertSqlSafe(take))
            .bind(tenant)
            .bind(now)
            .bind(now + turn);
        self.change(tenant, take).await
    }

    /// Keeps how a try ended; of a try that took so long that another one has begun nothing is kept. What must wait lets the
    /// webhook's other events wait as long: a receiver that is away costs one try at a time.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn finish_delivery(
        &self,
        tenant: &TenantCode,
        delivery: &DeliveryRow,
        outcome: &DeliveryOutcome,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut connection = self.write(tenant).await?;
        let finish = finish(tenant, delivery, outcome, now);
        let is_last = connection.execute(finish).await? > 0;
        if let DeliveryOutcome::Again(due, _) = outcome {
            let others = query(
                "UPDATE deliveries SET due_at = $3 WHERE tenant = $1 AND hook = $2 AND state = 'waiting' AND due_at < $3",
            )
            .bind(tenant)
            .bind(delivery.hook.as_str())
            .bind(*due);
            connection.execute(others).await?;
        } else if is_last {
            let (state, _, _) = outcome.columns(now);
            let record = AuditRecord::new(now, Actor::Service, AuditEvent::WebhookSent)
                .about(&delivery.event)
                .with(
                    json!({ "hook": delivery.hook, "state": state, "attempts": delivery.attempts }),
                );
            audit::append(&mut connection, tenant, &record).await?;
        }
        connection.commit().await
    }

    /// Deliveries that were given up, the newest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn dead_letters(
        &self,
        tenant: &TenantCode,
        limit: i64,
    ) -> Result<Vec<DeliveryRow>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM deliveries WHERE tenant = $1 AND state = 'dead' ORDER BY ended_at DESC, hook, event LIMIT $2"
        );
        let query = query(AssertSqlSafe(sql)).bind(tenant).bind(limit);
        self.fetch_all(tenant, query).await
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
        let revive = query(
            "UPDATE deliveries SET state = 'waiting', attempts = 0, due_at = $4, ended_at = NULL \
             WHERE tenant = $1 AND hook = $2 AND event = $3 AND state = 'dead'",
        )
        .bind(tenant)
        .bind(hook)
        .bind(event)
        .bind(now);
        Ok(self.execute(tenant, revive).await? > 0)
    }
}

fn finish(
    tenant: &TenantCode,
    delivery: &DeliveryRow,
    outcome: &DeliveryOutcome,
    now: Timestamp,
) -> Query {
    let (state, due, problem) = outcome.columns(now);
    let ended = !matches!(outcome, DeliveryOutcome::Again(..));
    query(
        "UPDATE deliveries SET state = $5, due_at = $6, problem = $7, ended_at = $8 \
         WHERE tenant = $1 AND hook = $2 AND event = $3 AND attempts = $4 AND state = 'waiting'",
    )
    .bind(tenant)
    .bind(delivery.hook.as_str())
    .bind(delivery.event.as_str())
    .bind(delivery.attempts)
    .bind(state)
    .bind(due)
    .bind(problem)
    .bind(ended.then_some(now))
}
