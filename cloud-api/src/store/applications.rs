//! Applications. The envelope is kept as it came, sealed; columns beside it name no person.

use jiff::Timestamp;
use kiosk_api::{ApplicationId, KioskId, TenantCode};
use sqlx::AssertSqlSafe;

use super::{Store, StoreError, parsed, reading, timestamp};
use crate::inbox::{Index, Protection, State};

/// An application to be stored.
#[derive(Clone)]
pub struct NewApplication {
    /// The town.
    pub tenant: TenantCode,
    /// Its id.
    pub id: ApplicationId,
    /// The kiosk.
    pub kiosk: KioskId,
    /// Reception number.
    pub reception: String,
    /// Life event.
    pub event: String,
    /// Day of the visit.
    pub as_of: String,
    /// How many forms.
    pub forms: i64,
    /// How far the card was checked (`none`, `unverified`, `verified`).
    pub card: String,
    /// How many notes for staff.
    pub notes: i64,
    /// When it came.
    pub received_at: Timestamp,
    /// The sealed envelope, JSON.
    pub envelope: Vec<u8>,
    /// What it is listed and found by.
    pub index: Index,
    /// Whether the core system is to be asked about it.
    pub protection: Protection,
}

/// What became of an insert.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Inserted {
    /// Stored now.
    New,
    /// The id was there before; nothing was changed.
    Before,
}

/// One application as a list shows it.
#[derive(Clone, PartialEq, Eq)]
pub struct ApplicationRow {
    /// Its id.
    pub id: ApplicationId,
    /// The kiosk.
    pub kiosk: KioskId,
    /// Reception number.
    pub reception: String,
    /// Life event.
    pub event: String,
    /// How many forms.
    pub forms: i64,
    /// How far the card was checked.
    pub card: String,
    /// How many notes for staff.
    pub notes: i64,
    /// How it stands.
    pub state: State,
    /// Why it went back, if it did.
    pub reason: Option<String>,
    /// The earliest due date of its plan, ISO.
    pub due: Option<String>,
    /// Who works on it, by id, and until when.
    pub claim: Option<(String, Timestamp)>,
    /// How often it was corrected.
    pub revision: i64,
    /// Whether staff must take care (支援措置); nothing of it is shown to the resident.
    pub protection: Protection,
    /// When it came.
    pub received_at: Timestamp,
}

pub(super) type Columns = (
    String,
    String,
    String,
    String,
    i64,
    String,
    i64,
    String,
    Option<String>,
    Option<String>,
    Option<String>,
    Option<i64>,
    i64,
    String,
    i64,
);

/// Selects [`Columns`]; `a` is the table.
pub(super) const SELECT: &str = "SELECT a.id, a.kiosk, a.reception, a.event, a.forms, a.card, a.notes, a.state, a.reason, a.due, \
    a.claimed_by, a.claimed_until, a.revision, a.protection, a.received_at FROM applications a";

pub(super) fn row(columns: Columns) -> Result<ApplicationRow, StoreError> {
    const TABLE: &str = "applications";
    let (
        id,
        kiosk,
        reception,
        event,
        forms,
        card,
        notes,
        state,
        reason,
        due,
        claimed_by,
        claimed_until,
        revision,
        protection,
        received_at,
    ) = columns;
    let unknown = |word: &str| StoreError::Row {
        table: TABLE,
        reason: format!("unknown word {word:?}"),
    };
    let claimed_until = claimed_until.map(|at| timestamp(TABLE, at)).transpose()?;
    Ok(ApplicationRow {
        id: ApplicationId(parsed(TABLE, &id)?),
        kiosk: parsed(TABLE, &kiosk)?,
        reception,
        event,
        forms,
        card,
        notes,
        state: State::from_word(&state).ok_or_else(|| unknown(&state))?,
        reason,
        due,
        claim: claimed_by.zip(claimed_until),
        revision,
        protection: Protection::from_word(&protection).ok_or_else(|| unknown(&protection))?,
        received_at: timestamp(TABLE, received_at)?,
    })
}

impl Store {
    /// Stores an application once; durable when this returns.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn insert_application(
        &self,
        application: NewApplication,
    ) -> Result<Inserted, StoreError> {
        self.writer.insert(application).await
    }

    /// The newest applications first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn list_applications(
        &self,
        tenant: &TenantCode,
        most: i64,
    ) -> Result<Vec<ApplicationRow>, StoreError> {
        let rows: Vec<Columns> = reading!(self, tenant, on => sqlx::query_as(AssertSqlSafe(format!(
            "{SELECT} WHERE a.tenant = $1 ORDER BY a.received_at DESC, a.id DESC LIMIT $2",
        )))
        .bind(tenant.as_str())
        .bind(most)
        .fetch_all(&mut *on)
        .await?);
        rows.into_iter().map(row).collect()
    }

    /// One application with its sealed envelope.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn application(
        &self,
        tenant: &TenantCode,
        id: ApplicationId,
    ) -> Result<Option<(ApplicationRow, Vec<u8>)>, StoreError> {
        let id = id.to_string();
        let (found, envelope): (Option<Columns>, Option<(Vec<u8>,)>) = reading!(self, tenant, on => {
            let found = sqlx::query_as(AssertSqlSafe(format!("{SELECT} WHERE a.tenant = $1 AND a.id = $2")))
                .bind(tenant.as_str())
                .bind(id.as_str())
                .fetch_optional(&mut *on)
                .await?;
            // What came is never changed, so that the second question meets the same envelope.
            let envelope = sqlx::query_as("SELECT envelope FROM applications WHERE tenant = $1 AND id = $2")
                .bind(tenant.as_str())
                .bind(id.as_str())
                .fetch_optional(&mut *on)
                .await?;
            (found, envelope)
        });
        match found.zip(envelope) {
            Some((columns, (envelope,))) => Ok(Some((row(columns)?, envelope))),
            None => Ok(None),
        }
    }

    /// Of each of these applications the newest revision's sealed envelope, for a whole list in one question.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn newest_envelopes(
        &self,
        tenant: &TenantCode,
        ids: &[ApplicationId],
    ) -> Result<Vec<(ApplicationId, Vec<u8>)>, StoreError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let places: Vec<String> = (2..).take(ids.len()).map(|n| format!("${n}")).collect();
        let newest = format!(
            "SELECT a.id, coalesce(r.envelope, a.envelope) FROM applications a LEFT JOIN application_revisions r \
             ON r.tenant = a.tenant AND r.application = a.id AND r.revision = a.revision \
             WHERE a.tenant = $1 AND a.id IN ({})",
            places.join(", ")
        );
        let rows: Vec<(String, Vec<u8>)> = reading!(self, tenant, on => {
            let mut query = sqlx::query_as(AssertSqlSafe(newest)).bind(tenant.as_str());
            for id in ids {
                query = query.bind(id.to_string());
            }
            query.fetch_all(&mut *on).await?
        });
        rows.into_iter()
            .map(|(id, envelope)| Ok((ApplicationId(parsed("applications", &id)?), envelope)))
            .collect()
    }

    /// The application with this reception number; the newest, should a kiosk have given a number twice.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn application_by_reception(
        &self,
        tenant: &TenantCode,
        reception: &str,
    ) -> Result<Option<ApplicationId>, StoreError> {
        let found: Option<(String,)> = reading!(self, tenant, on => sqlx::query_as(
            "SELECT id FROM applications WHERE tenant = $1 AND reception = $2 ORDER BY received_at DESC, id DESC LIMIT 1",
        )
        .bind(tenant.as_str())
        .bind(reception)
        .fetch_optional(&mut *on)
        .await?);
        found
            .map(|(id,)| Ok(ApplicationId(parsed("applications", &id)?)))
            .transpose()
    }

    /// How many applications a town has.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn count_applications(&self, tenant: &TenantCode) -> Result<i64, StoreError> {
        let (count,): (i64,) = reading!(self, tenant, on => sqlx::query_as(
            "SELECT count(*) FROM applications WHERE tenant = $1",
        )
        .bind(tenant.as_str())
        .fetch_one(&mut *on)
        .await?);
        Ok(count)
    }
}
