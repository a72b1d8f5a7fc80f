//! The imported register: generations of sealed rows, of which one is in use.

mod find;
mod load;

use jiff::Timestamp;
use kiosk_api::TenantCode;

pub use find::{RegisterRow, RegisterRows};
pub use load::{Load, LoadEnd};

use super::{Store, StoreError, reading, timestamp, writing};
use crate::core_system::{Columns, Digest};

/// A row that waits for the end of its import.
pub struct StagedRow {
    /// Of the resident.
    pub resident: Digest,
    household: Digest,
    place: i64,
    by_address: Digest,
    by_building: Digest,
    by_name: Digest,
    /// The resident, sealed; none: to be taken out.
    pub sealed: Option<Vec<u8>>,
}

impl StagedRow {
    /// A resident at a place of the register's order.
    #[must_use]
    pub fn new(columns: Columns, row: u64, sealed: Option<Vec<u8>>) -> Self {
        Self {
            resident: columns.resident,
            household: columns.household,
            place: i64::try_from(row).unwrap_or(i64::MAX),
            by_address: columns.by_address,
            by_building: columns.by_building,
            by_name: columns.by_name,
            sealed,
        }
    }

    /// A resident who is to be taken out.
    #[must_use]
    pub fn gone(resident: Digest, row: u64) -> Self {
        let columns = Columns {
            resident,
            household: [0; 32],
            by_address: [0; 32],
            by_building: [0; 32],
            by_name: [0; 32],
        };
        Self::new(columns, row, None)
    }
}

/// A resident whose row was left out.
pub struct Hole {
    /// Of the resident.
    pub resident: Digest,
    /// Of the household that the row named.
    pub household: Digest,
}

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

/// How a pull ended.
pub enum PullOutcome {
    /// Rows came in; the import has kept that.
    Loaded,
    /// There was nothing new at this time.
    Unchanged(Timestamp),
    /// It failed; why, without anything of a person.
    Failed(String),
}

type FreshnessColumns = (
    String,
    Option<i64>,
    Option<i64>,
    Option<i64>,
    i64,
    Option<String>,
    Option<i64>,
    Option<String>,
);

impl Store {
    /// How fresh the town's register is; `None` when nothing was ever begun.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn freshness(&self, tenant: &TenantCode) -> Result<Option<Freshness>, StoreError> {
        let row: Option<FreshnessColumns> = reading!(self, tenant, on => sqlx::query_as(
            "SELECT key_id, full_at, loaded_at, pulled_at, rejected, pull_cursor, pull_tried_at, pull_problem \
             FROM core_registers WHERE tenant = $1",
        )
        .bind(tenant.as_str())
        .fetch_optional(&mut *on)
        .await?);
        let at = |time: Option<i64>| time.map(|at| timestamp("core_registers", at)).transpose();
        row.map(|row| {
            let (key_id, full_at, loaded_at, pulled_at, rejected, cursor, tried, problem) = row;
            Ok(Freshness {
                key_id,
                full_at: at(full_at)?,
                loaded_at: at(loaded_at)?,
                pulled_at: at(pulled_at)?,
                rejected,
                cursor,
                pull_tried_at: at(tried)?,
                pull_problem: problem,
            })
        })
        .transpose()
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
        let now = now.as_millisecond();
        let rows = writing!(self, tenant, on => {
            sqlx::query(
                "INSERT INTO core_registers (tenant, last, current, changes, key_id, rejected) \
                 VALUES ($1, 0, 0, 0, '', 0) ON CONFLICT (tenant) DO NOTHING",
            )
            .bind(tenant.as_str())
            .execute(&mut *on)
            .await?;
            sqlx::query(
                "UPDATE core_registers SET pull_tried_at = $2 \
                 WHERE tenant = $1 AND (pull_tried_at IS NULL OR pull_tried_at <= $3)",
            )
            .bind(tenant.as_str())
            .bind(now)
            .bind(now - every)
            .execute(&mut *on)
            .await?
            .rows_affected()
        });
        Ok(rows > 0)
    }

    /// Keeps how a pull ended.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn note_pull(
        &self,
        tenant: &TenantCode,
        outcome: &PullOutcome,
    ) -> Result<(), StoreError> {
        let (unchanged, problem) = match outcome {
            PullOutcome::Loaded => (None, None),
            PullOutcome::Unchanged(at) => (Some(at.as_millisecond()), None),
            PullOutcome::Failed(problem) => (None, Some(problem.as_str())),
        };
        writing!(self, tenant, on => {
            sqlx::query(
                "UPDATE core_registers SET pulled_at = coalesce($2, pulled_at), pull_problem = $3 WHERE tenant = $1",
            )
            .bind(tenant.as_str())
            .bind(unchanged)
            .bind(problem)
            .execute(&mut *on)
            .await?;
        });
        Ok(())
    }
}
