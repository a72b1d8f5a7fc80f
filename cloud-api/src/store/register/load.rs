//! Staging a generation and, at its end, taking it into use in one transaction.

use jiff::Timestamp;
use kiosk_api::TenantCode;
use serde_json::json;

use super::{Hole, StagedRow};
use crate::audit::{Actor, Deed, Note};
use crate::store::audit::note;
use crate::store::{Store, StoreError, writing};

/// An import that has begun.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Load {
    /// Its generation.
    pub generation: i64,
    /// How many imports had ended when it began.
    pub changes: i64,
}

/// How an import ends.
pub struct LoadEnd {
    /// Which.
    pub load: Load,
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

impl LoadEnd {
    fn note(&self, kind: &str) -> Note {
        let actor = if self.pulled {
            Actor::Service
        } else {
            Actor::Command
        };
        Note::new(self.loaded_at, actor, Deed::Imported)
            .about(self.load.generation)
            .with(json!({ "kind": kind, "rejected": self.rejected }))
    }
}

/// How many rows of an old generation are removed at once, so that nobody waits long for the writer.
const SWEEP: i64 = 5000;

impl Store {
    /// Begins an import.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn begin_load(&self, tenant: &TenantCode) -> Result<Load, StoreError> {
        let (generation, changes): (i64, i64) = writing!(self, tenant, on => sqlx::query_as(
            "INSERT INTO core_registers (tenant, last, current, changes, key_id, rejected) VALUES ($1, 1, 0, 0, '', 0) \
             ON CONFLICT (tenant) DO UPDATE SET last = core_registers.last + 1 RETURNING last, changes",
        )
        .bind(tenant.as_str())
        .fetch_one(&mut *on)
        .await?);
        Ok(Load {
            generation,
            changes,
        })
    }

    /// Adds rows to a generation that nobody sees yet.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn stage_rows(
        &self,
        tenant: &TenantCode,
        load: Load,
        rows: &[StagedRow],
        holes: &[Hole],
    ) -> Result<(), StoreError> {
        writing!(self, tenant, on => {
            for row in rows {
                sqlx::query(
                    "INSERT INTO core_residents (tenant, generation, resident, household, place, by_address, by_building, by_name, sealed) \
                     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
                )
                .bind(tenant.as_str())
                .bind(load.generation)
                .bind(row.resident.as_slice())
                .bind(row.household.as_slice())
                .bind(row.place)
                .bind(row.by_address.as_slice())
                .bind(row.by_building.as_slice())
                .bind(row.by_name.as_slice())
                .bind(row.sealed.as_deref())
                .execute(&mut *on)
                .await?;
            }
            for hole in holes {
                sqlx::query(
                    "INSERT INTO core_holes (tenant, generation, resident, household) VALUES ($1, $2, $3, $4) \
                     ON CONFLICT (tenant, generation, resident) DO NOTHING",
                )
                .bind(tenant.as_str())
                .bind(load.generation)
                .bind(hole.resident.as_slice())
                .bind(hole.household.as_slice())
                .execute(&mut *on)
                .await?;
            }
        });
        Ok(())
    }

    /// Takes a whole register into use; `false`, and nothing changed, when another import ended since this one began.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn replace_register(
        &self,
        tenant: &TenantCode,
        end: &LoadEnd,
    ) -> Result<bool, StoreError> {
        let at = end.loaded_at.as_millisecond();
        let rows = writing!(self, tenant, on => {
            let rows = sqlx::query(
            "UPDATE core_registers SET current = $3, changes = changes + 1, key_id = $4, full_at = $5, loaded_at = $5, \
             pulled_at = coalesce($6, pulled_at), rejected = $7, pull_cursor = $8 WHERE tenant = $1 AND changes = $2",
        )
        .bind(tenant.as_str())
        .bind(end.load.changes)
        .bind(end.load.generation)
        .bind(end.key_id.as_str())
        .bind(at)
        .bind(end.pulled.then_some(at))
        .bind(end.rejected)
        .bind(end.cursor.as_deref())
        .execute(&mut *on)
        .await?
        .rows_affected();
            if rows > 0 {
                note!(on, tenant, &end.note("full"));
            }
            rows
        });
        Ok(rows > 0)
    }

    /// Lays a delta over the register in use; `false`, and nothing changed, when another import ended since it began.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn merge_register(
        &self,
        tenant: &TenantCode,
        end: &LoadEnd,
    ) -> Result<bool, StoreError> {
        let at = end.loaded_at.as_millisecond();
        // Statements that name the generation in use and the staged one, in this order.
        let laid_over = [
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
        let merged: Option<(i64,)> = writing!(self, tenant, on => {
            let current = sqlx::query_as(
                "UPDATE core_registers SET changes = changes + 1, loaded_at = $3, pulled_at = coalesce($4, pulled_at), \
                 rejected = $5, pull_cursor = coalesce($6, pull_cursor) WHERE tenant = $1 AND changes = $2 AND current > 0 \
                 RETURNING current",
            )
            .bind(tenant.as_str())
            .bind(end.load.changes)
            .bind(at)
            .bind(end.pulled.then_some(at))
            .bind(end.rejected)
            .bind(end.cursor.as_deref())
            .fetch_optional(&mut *on)
            .await?;
            if let Some((current,)) = current {
                for statement in laid_over {
                    sqlx::query(statement)
                        .bind(tenant.as_str())
                        .bind(current)
                        .bind(end.load.generation)
                        .execute(&mut *on)
                        .await?;
                }
                note!(on, tenant, &end.note("delta"));
            }
            current
        });
        Ok(merged.is_some())
    }

    /// Removes what an import has staged.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn abandon_load(&self, tenant: &TenantCode, load: Load) -> Result<(), StoreError> {
        self.sweep(tenant, load.generation, load.generation).await
    }

    /// Removes every generation before this import's but the one in use: replaced ones, and what a killed import left.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn forget_loads_to(&self, tenant: &TenantCode, load: Load) -> Result<(), StoreError> {
        self.sweep(tenant, 0, load.generation).await
    }

    async fn sweep(&self, tenant: &TenantCode, first: i64, last: i64) -> Result<(), StoreError> {
        for table in ["core_residents", "core_holes"] {
            let swept = format!(
                "DELETE FROM {table} WHERE tenant = $1 AND (generation, resident) IN \
                 (SELECT generation, resident FROM {table} WHERE tenant = $1 AND generation BETWEEN $2 AND $3 AND generation <> \
                 (SELECT current FROM core_registers WHERE tenant = $1) LIMIT $4)"
            );
            loop {
                let rows = writing!(self, tenant, on => sqlx::query(sqlx::AssertSqlSafe(swept.clone()))
                    .bind(tenant.as_str())
                    .bind(first)
                    .bind(last)
                    .bind(SWEEP)
                    .execute(&mut *on)
                    .await?
                    .rows_affected());
                if rows == 0 {
                    break;
                }
            }
        }
        Ok(())
    }
}
