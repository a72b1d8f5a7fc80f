//! A town's masters, revision by revision.

use guidance::Masters;
use jiff::Timestamp;
use kiosk_api::{TenantCode, TownMasters};

use super::audit::note;
use super::{Realm, Store, StoreError, reading, timestamp, writing};
use crate::audit::Note;

/// One change of a town's masters.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MastersChange {
    /// The revision that it made.
    pub revision: u64,
    /// Which part of them: `sites`, `opening`, `counters`, `closed`, `fees`.
    pub part: String,
    /// Who, by id.
    pub staff: String,
    /// When.
    pub made_at: Timestamp,
}

impl Store {
    /// The number of the revision in use; 0 if nothing is set.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn masters_revision(&self, tenant: &TenantCode) -> Result<u64, StoreError> {
        let (revision,): (i64,) = reading!(self, tenant, on => sqlx::query_as(
            "SELECT coalesce(max(revision), 0) FROM masters WHERE tenant = $1",
        )
        .bind(tenant.as_str())
        .fetch_one(&mut *on)
        .await?);
        Ok(unsigned(revision))
    }

    /// The masters in use.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn masters(&self, tenant: &TenantCode) -> Result<TownMasters, StoreError> {
        let found: Option<(i64, String)> = reading!(self, tenant, on => sqlx::query_as(
            "SELECT revision, document FROM masters WHERE tenant = $1 ORDER BY revision DESC LIMIT 1",
        )
        .bind(tenant.as_str())
        .fetch_optional(&mut *on)
        .await?);
        let Some((revision, document)) = found else {
            return Ok(TownMasters::default());
        };
        let masters: Masters =
            serde_json::from_str(&document).map_err(|error| unreadable(&error))?;
        Ok(TownMasters {
            revision: unsigned(revision),
            masters,
        })
    }

    /// The last changes, newest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn masters_changes(
        &self,
        tenant: &TenantCode,
        most: i64,
    ) -> Result<Vec<MastersChange>, StoreError> {
        let rows: Vec<(i64, String, String, i64)> = reading!(self, tenant, on => sqlx::query_as(
            "SELECT revision, part, staff, made_at FROM masters WHERE tenant = $1 ORDER BY revision DESC LIMIT $2",
        )
        .bind(tenant.as_str())
        .bind(most)
        .fetch_all(&mut *on)
        .await?);
        let change = |(revision, part, staff, made_at)| {
            Ok(MastersChange {
                revision: unsigned(revision),
                part,
                staff,
                made_at: timestamp("masters", made_at)?,
            })
        };
        rows.into_iter().map(change).collect()
    }

    /// Takes masters into use, if nobody has changed them since `changed.revision - 1`. `false` if somebody has.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn change_masters(
        &self,
        realm: &Realm,
        masters: &Masters,
        change: &MastersChange,
        note: &Note,
    ) -> Result<bool, StoreError> {
        let document = serde_json::to_string(masters).map_err(|error| unreadable(&error))?;
        let revision = i64::try_from(change.revision).unwrap_or(i64::MAX);
        Ok(writing!(self, realm, on => {
            let changed = sqlx::query(
                "INSERT INTO masters (tenant, revision, document, part, staff, made_at) SELECT $1, $2, $3, $4, $5, $6 \
                 WHERE (SELECT coalesce(max(revision), 0) FROM masters WHERE tenant = $1) = $2 - 1 \
                 ON CONFLICT (tenant, revision) DO NOTHING",
            )
            .bind(realm.as_str())
            .bind(revision)
            .bind(document)
            .bind(change.part.as_str())
            .bind(change.staff.as_str())
            .bind(change.made_at.as_millisecond())
            .execute(&mut *on)
            .await?
            .rows_affected() == 1;
            if changed {
                note!(on, realm, note);
            }
            changed
        }))
    }
}

fn unsigned(revision: i64) -> u64 {
    u64::try_from(revision).unwrap_or(0)
}

fn unreadable(error: &serde_json::Error) -> StoreError {
    StoreError::Row {
        table: "masters",
        reason: error.to_string(),
    }
}
