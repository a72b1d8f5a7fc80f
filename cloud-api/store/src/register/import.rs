//! Staging a generation and, at its end, taking it into use in one transaction.

use jiff::Timestamp;
use kiosk_api::TenantCode;
use serde_json::json;
use sqlx::AssertSqlSafe;

use super::{OmittedRow, StagedRow};
use crate::audit::{self, Actor, AuditEvent, AuditRecord};
use crate::connection::Connection;
use crate::query::{Query, query};
use crate::row::{FromRow, Row};
use crate::{Store, StoreError};

/// An import that has begun.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct StagedImport {
    /// Its generation.
    pub generation: i64,
    /// How many imports had ended when it began.
    pub changes: i64,
}

impl FromRow for StagedImport {
    const TABLE: &'static str = "core_registers";

    fn from_row(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            generation: row.get("last")?,
            changes: row.get("changes")?,
        })
    }
}

/// How an import ends.
pub struct ImportEnd {
    /// Which.
    pub import: StagedImport,
    /// Names the key that its rows are sealed with.
    pub key_id: String,
    /// When.
    pub loaded_at: Timestamp,
    /// Whether the service fetched it.
    pub pulled: bool,
    /// How many rows were left out.
    pub rejected: i64,
    /// Where the next pull goes on.
    pub cursor: Option<String>,
}

impl ImportEnd {
    fn record(&self, kind: &str) -> AuditRecord {
        let actor = if self.pulled {
            Actor::Service
        } else {
            Actor::Command
        };
        AuditRecord::new(self.loaded_at, actor, AuditEvent::Imported)
            .about(self.import.generation)
            .with(json!({ "kind": kind, "rejected": self.rejected }))
    }

    /// When it was pulled, if it was.
    fn pulled_at(&self) -> Option<Timestamp> {
        self.pulled.then_some(self.loaded_at)
    }
}

/// How many rows of an old generation are removed at once, so that nobody waits long for the writer.
const SWEEP: i64 = 5000;

/// How a delta is laid over the register in use: statements that name the generation in use and the staged one, in this order.
const MERGE: [&str; 4] = [
    "DELETE FROM core_residents WHERE tenant = $1 AND generation = $2 AND resident IN \
     (SELECT resident FROM core_residents WHERE tenant = $1 AND generation = $3 AND sealed IS NULL)",
    "DELETE FROM core_holes WHERE tenant = $1 AND generation = $2 AND resident IN \
     (SELECT resident FROM core_residents WHERE tenant = $1 AND generation = $3)",
    // A resident who was there keeps the place; a new one comes after all others.
    "INSERT INTO core_residents (tenant, generation, resident, household, place, by_address, by_building, by_name, sealed) \
     SELECT tenant, $2, resident, household, \
     place + (SELECT coalesce(max(place), 0) FROM core_residents WHERE tenant = $1 AND generation = $2), \
     by_address, by_building, by_name, sealed FROM core_residents WHERE tenant = $1 AND generation = $3 AND sealed IS NOT NULL \
     ON CONFLICT (tenant, generation, resident) DO UPDATE SET household = excluded.household, \
     by_address = excluded.by_address, by_building = excluded.by_building, by_name = excluded.by_name, \
     sealed = excluded.sealed",
    "INSERT INTO core_holes (tenant, generation, resident, household) \
     SELECT tenant, $2, resident, household FROM core_holes WHERE tenant = $1 AND generation = $3 \
     ON CONFLICT (tenant, generation, resident) DO UPDATE SET household = excluded.household",
];

impl Store {
    /// Begins an import.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn begin_import(&self, tenant: &TenantCode) -> Result<StagedImport, StoreError> {
        let begin = query(
            "INSERT INTO core_registers (tenant, last, current, changes, key_id, rejected) VALUES ($1, 1, 0, 0, '', 0) \
             ON CONFLICT (tenant) DO UPDATE SET last = core_registers.last + 1 RETURNING last, changes",
        )
        .bind(tenant);
        let begun = self.change(tenant, begin).await?;
        begun.ok_or(StoreError::Database(sqlx::Error::RowNotFound))
    }

    /// Adds rows to a generation that nobody sees yet.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn stage_rows(
        &self,
        tenant: &TenantCode,
        import: StagedImport,
        rows: &[StagedRow],
        omitted: &[OmittedRow],
    ) -> Result<(), StoreError> {
        let mut connection = self.write(tenant).await?;
        for row in rows {
            let insert = insert_row(tenant, import, row);
            connection.execute(insert).await?;
        }
        for row in omitted {
            let insert = query(
                "INSERT INTO core_holes (tenant, generation, resident, household) VALUES ($1, $2, $3, $4) \
                 ON CONFLICT (tenant, generation, resident) DO NOTHING",
            )
            .bind(tenant)
            .bind(import.generation)
            .bind(&row.resident)
            .bind(&row.household);
            connection.execute(insert).await?;
        }
        connection.commit().await
    }

    /// Takes a whole register into use; `false`, and nothing changed, when another import ended since this one began.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn replace_register(
        &self,
        tenant: &TenantCode,
        end: &ImportEnd,
    ) -> Result<bool, StoreError> {
        let replace = query(
            "UPDATE core_registers SET current = $3, changes = changes + 1, key_id = $4, full_at = $5, loaded_at = $5, \
             pulled_at = coalesce($6, pulled_at), rejected = $7, pull_cursor = $8 WHERE tenant = $1 AND changes = $2",
        )
        .bind(tenant)
        .bind(end.import.changes)
        .bind(end.import.generation)
        .bind(end.key_id.as_str())
        .bind(end.loaded_at)
        .bind(end.pulled_at())
        .bind(end.rejected)
        .bind(end.cursor.as_deref());
        let record = end.record("full");
        self.execute_recorded(tenant, replace, &record).await
    }

    /// Lays a delta over the register in use; `false`, and nothing changed, when another import ended since it began.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn merge_register(
        &self,
        tenant: &TenantCode,
        end: &ImportEnd,
    ) -> Result<bool, StoreError> {
        let mut connection = self.write(tenant).await?;
        let current = end_delta(&mut connection, tenant, end).await?;
        if let Some(current) = current {
            for statement in MERGE {
                let merge = query(statement)
                    .bind(tenant)
                    .bind(current)
                    .bind(end.import.generation);
                connection.execute(merge).await?;
            }
            audit::append(&mut connection, tenant, &end.record("delta")).await?;
        }
        connection.commit().await?;
        Ok(current.is_some())
    }

    /// Removes what an import has staged.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn abandon_import(
        &self,
        tenant: &TenantCode,
        import: StagedImport,
    ) -> Result<(), StoreError> {
        self.sweep(tenant, import.generation, import.generation)
            .await
    }

    /// Removes every generation before this import's but the one in use: replaced ones, and what a killed import left.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn forget_imports_to(
        &self,
        tenant: &TenantCode,
        import: StagedImport,
    ) -> Result<(), StoreError> {
        self.sweep(tenant, 0, import.generation).await
    }

    async fn sweep(&self, tenant: &TenantCode, first: i64, last: i64) -> Result<(), StoreError> {
        for table in ["core_residents", "core_holes"] {
            let sweep = format!(
                "DELETE FROM {table} WHERE tenant = $1 AND (generation, resident) IN \
                 (SELECT generation, resident FROM {table} WHERE tenant = $1 AND generation BETWEEN $2 AND $3 AND generation <> \
                 (SELECT current FROM core_registers WHERE tenant = $1) LIMIT $4)"
            );
            loop {
                let some = query(AssertSqlSafe(sweep.clone()))
                    .bind(tenant)
                    .bind(first)
                    .bind(last)
                    .bind(SWEEP);
                if self.execute(tenant, some).await? == 0 {
                    break;
                }
            }
        }
        Ok(())
    }
}

fn insert_row(tenant: &TenantCode, import: StagedImport, row: &StagedRow) -> Query {
    query(
        "INSERT INTO core_residents (tenant, generation, resident, household, place, by_address, by_building, by_name, sealed) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(tenant)
    .bind(import.generation)
    .bind(&row.digests.resident)
    .bind(&row.digests.household)
    .bind(row.place)
    .bind(&row.digests.by_address)
    .bind(&row.digests.by_building)
    .bind(&row.digests.by_name)
    .bind(row.sealed.as_deref())
}

/// Counts a delta as ended; gives the generation in use, or `None` when another import was faster.
async fn end_delta(
    connection: &mut Connection,
    tenant: &TenantCode,
    end: &ImportEnd,
) -> Result<Option<i64>, StoreError> {
    let update = query(
        "UPDATE core_registers SET changes = changes + 1, loaded_at = $3, pulled_at = coalesce($4, pulled_at), \
         rejected = $5, pull_cursor = coalesce($6, pull_cursor) WHERE tenant = $1 AND changes = $2 AND current > 0 \
         RETURNING current",
    )
    .bind(tenant)
    .bind(end.import.changes)
    .bind(end.loaded_at)
    .bind(end.pulled_at())
    .bind(end.rejected)
    .bind(end.cursor.as_deref());
    connection.fetch_value(update).await
}
