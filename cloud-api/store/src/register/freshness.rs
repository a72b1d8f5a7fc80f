//! How fresh the register is, and whose turn it is to pull it.

use jiff::Timestamp;
use kiosk_api::TenantCode;

use crate::query::query;
use crate::row::{FromRow, Row};
use crate::{Store, StoreError};

/// How fresh a town's imported register is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Freshness {
    /// Names the key that its rows are sealed with.
    pub key_id: String,
    /// When it was last replaced as a whole.
    pub full_at: Option<Timestamp>,
    /// When anything last came in well, whole or delta, by file or by pull.
    pub loaded_at: Option<Timestamp>,
    /// When a pull last came to a good end.
    pub pulled_at: Option<Timestamp>,
    /// How many rows the last import left out.
    pub rejected: i64,
    /// Where the next delta goes on.
    pub cursor: Option<String>,
    /// When a pull was last tried.
    pub pull_tried_at: Option<Timestamp>,
    /// Why it failed, when it did.
    pub pull_problem: Option<String>,
}

impl FromRow for Freshness {
    const TABLE: &'static str = "core_registers";

    fn from_row(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            key_id: row.get("key_id")?,
            full_at: row.time_if_any("full_at")?,
            loaded_at: row.time_if_any("loaded_at")?,
            pulled_at: row.time_if_any("pulled_at")?,
            rejected: row.get("rejected")?,
            cursor: row.get("pull_cursor")?,
            pull_tried_at: row.time_if_any("pull_tried_at")?,
            pull_problem: row.get("pull_problem")?,
        })
    }
}

/// How a pull ended.
pub enum PullOutcome {
    /// Rows came in; the import has kept that.
    Loaded,
    /// There was nothing new at this time.
    Unchanged(Timestamp),
    /// It failed; why, without anything of a person.
    Failed(String),
}

impl Store {
    /// How fresh the town's register is; `None` when nothing was ever begun.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn freshness(&self, tenant: &TenantCode) -> Result<Option<Freshness>, StoreError> {
        let query = query(
            "SELECT key_id, full_at, loaded_at, pulled_at, rejected, pull_cursor, pull_tried_at, pull_problem \
             FROM core_registers WHERE tenant = $1",
        )
        .bind(tenant);
        self.fetch_optional(tenant, query).await
    }

    /// Takes the turn to pull, when the last try lies `every` milliseconds back: of several replicas one gets it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn take_pull_turn(
        &self,
        tenant: &TenantCode,
        now: Timestamp,
        every: i64,
    ) -> Result<bool, StoreError> {
        let mut connection = self.write(tenant).await?;
        let first = query(
            "INSERT INTO core_registers (tenant, last, current, changes, key_id, rejected) \
             VALUES ($1, 0, 0, 0, '', 0) ON CONFLICT (tenant) DO NOTHING",
        )
        .bind(tenant);
        connection.execute(first).await?;
        let take = query(
            "UPDATE core_registers SET pull_tried_at = $2 \
             WHERE tenant = $1 AND (pull_tried_at IS NULL OR pull_tried_at <= $3)",
        )
        .bind(tenant)
        .bind(now)
        .bind(now.as_millisecond() - every);
        let rows = connection.execute(take).await?;
        connection.commit().await?;
        Ok(rows > 0)
    }

    /// Keeps how a pull ended.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn finish_pull(
        &self,
        tenant: &TenantCode,
        outcome: &PullOutcome,
    ) -> Result<(), StoreError> {
        let (unchanged, problem) = match outcome {
            PullOutcome::Loaded => (None, None),
            PullOutcome::Unchanged(at) => (Some(*at), None),
            PullOutcome::Failed(problem) => (None, Some(problem.as_str())),
        };
        let update = query(
            "UPDATE core_registers SET pulled_at = coalesce($2, pulled_at), pull_problem = $3 WHERE tenant = $1",
        )
        .bind(tenant)
        .bind(unchanged)
        .bind(problem);
        self.execute(tenant, update).await.map(drop)
    }
}
