//! A town's masters, revision by revision.

use guidance::Masters;
use jiff::Timestamp;
use kiosk_api::{TenantCode, TownMasters};

use crate::audit::AuditRecord;
use crate::query::query;
use crate::row::{FromRow, Row};
use crate::{Realm, Store, StoreError};

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

impl FromRow for MastersChange {
    const TABLE: &'static str = "masters";

    fn from_row(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            revision: row.get("revision").map(unsigned)?,
            part: row.get("part")?,
            staff: row.get("staff")?,
            made_at: row.time("made_at")?,
        })
    }
}

/// Masters with their revision.
struct Document(TownMasters);

impl FromRow for Document {
    const TABLE: &'static str = "masters";

    fn from_row(row: &Row) -> Result<Self, StoreError> {
        let document: String = row.get("document")?;
        Ok(Self(TownMasters {
            revision: row.get("revision").map(unsigned)?,
            masters: serde_json::from_str(&document).map_err(|error| row.unreadable(error))?,
        }))
    }
}

impl Store {
    /// The number of the revision in use; 0 if nothing is set.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn masters_revision(&self, tenant: &TenantCode) -> Result<u64, StoreError> {
        let query =
            query("SELECT coalesce(max(revision), 0) FROM masters WHERE tenant = $1").bind(tenant);
        self.fetch_one(tenant, query).await.map(unsigned)
    }

    /// The masters in use.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn masters(&self, tenant: &TenantCode) -> Result<TownMasters, StoreError> {
        let query = query(
            "SELECT revision, document FROM masters WHERE tenant = $1 ORDER BY revision DESC LIMIT 1",
        )
        .bind(tenant);
        let found: Option<Document> = self.fetch_optional(tenant, query).await?;
        Ok(found.map(|Document(masters)| masters).unwrap_or_default())
    }

    /// The last changes, newest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn masters_changes(
        &self,
        tenant: &TenantCode,
        limit: i64,
    ) -> Result<Vec<MastersChange>, StoreError> {
        let query = query(
            "SELECT revision, part, staff, made_at FROM masters WHERE tenant = $1 ORDER BY revision DESC LIMIT $2",
        )
        .bind(tenant)
        .bind(limit);
        self.fetch_all(tenant, query).await
    }

    /// Takes masters into use, if nobody has changed them since `change.revision - 1`. `false` if somebody has.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn change_masters(
        &self,
        realm: &Realm,
        masters: &Masters,
        change: &MastersChange,
        record: &AuditRecord,
    ) -> Result<bool, StoreError> {
        let document = serde_json::to_string(masters).map_err(|error| unreadable(&error))?;
        let insert = query(
            "INSERT INTO masters (tenant, revision, document, part, staff, made_at) SELECT $1, $2, $3, $4, $5, $6 \
             WHERE (SELECT coalesce(max(revision), 0) FROM masters WHERE tenant = $1) = $2 - 1 \
             ON CONFLICT (tenant, revision) DO NOTHING",
        )
        .bind(realm)
        .bind(i64::try_from(change.revision).unwrap_or(i64::MAX))
        .bind(document)
        .bind(change.part.as_str())
        .bind(change.staff.as_str())
        .bind(change.made_at);
        self.execute_recorded(realm, insert, record).await
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
