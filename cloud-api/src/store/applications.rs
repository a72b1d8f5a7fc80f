//! Applications. The envelope is kept as it came, sealed; columns beside it name no person.

use jiff::Timestamp;
use kiosk_api::{ApplicationId, KioskId, TenantCode};

use super::{Store, StoreError, parsed, reading, timestamp};

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
    /// State (`received`).
    pub state: String,
    /// When it came.
    pub received_at: Timestamp,
}

/// The columns of a row, in the order of [`Columns`].
pub(super) const COLUMNS: &str =
    "id, kiosk, reception, event, forms, card, notes, state, received_at";

pub(super) type Columns = (
    String,
    String,
    String,
    String,
    i64,
    String,
    i64,
    String,
    i64,
);

pub(super) fn row(columns: Columns) -> Result<ApplicationRow, StoreError> {
    let (id, kiosk, reception, event, forms, card, notes, state, received_at) = columns;
    Ok(ApplicationRow {
        id: ApplicationId(parsed("applications", &id)?),
        kiosk: parsed("applications", &kiosk)?,
        reception,
        event,
        forms,
        card,
        notes,
        state,
        received_at: timestamp("applications", received_at)?,
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
        let rows: Vec<Columns> = reading!(self, tenant, on => sqlx::query_as(
            "SELECT id, kiosk, reception, event, forms, card, notes, state, received_at FROM applications \
             WHERE tenant = $1 ORDER BY received_at DESC, id DESC LIMIT $2",
        )
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
        let row_found: Option<Columns> = reading!(self, tenant, on => sqlx::query_as(
            "SELECT id, kiosk, reception, event, forms, card, notes, state, received_at FROM applications \
             WHERE tenant = $1 AND id = $2",
        )
        .bind(tenant.as_str())
        .bind(id.as_str())
        .fetch_optional(&mut *on)
        .await?);
        let Some(columns) = row_found else {
            return Ok(None);
        };
        // Rows are never changed or removed, so the second question meets the same one.
        let (envelope,): (Vec<u8>,) = reading!(self, tenant, on => sqlx::query_as(
            "SELECT envelope FROM applications WHERE tenant = $1 AND id = $2",
        )
        .bind(tenant.as_str())
        .bind(id.as_str())
        .fetch_one(&mut *on)
        .await?);
        Ok(Some((row(columns)?, envelope)))
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
