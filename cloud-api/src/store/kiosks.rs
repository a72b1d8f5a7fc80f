//! How kiosks were when they were last heard.

use jiff::Timestamp;
use kiosk_api::{Heartbeat, KioskId, TenantCode};

use super::{Store, StoreError, parsed, reading, timestamp, writing};

/// A kiosk and its last heartbeat.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct KioskRow {
    /// The kiosk.
    pub kiosk: KioskId,
    /// When it was heard, by the cloud's clock.
    pub seen_at: Timestamp,
    /// What it said.
    pub heartbeat: Heartbeat,
}

impl Store {
    /// Keeps a heartbeat and adds its counts.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn save_heartbeat(
        &self,
        tenant: &TenantCode,
        kiosk: &KioskId,
        seen_at: Timestamp,
        heartbeat: &Heartbeat,
    ) -> Result<(), StoreError> {
        let text = serde_json::to_string(heartbeat).map_err(|e| unreadable(&e))?;
        writing!(self, tenant, on => {
            sqlx::query(
                "INSERT INTO kiosks (tenant, kiosk, seen_at, heartbeat) VALUES ($1, $2, $3, $4) \
                 ON CONFLICT (tenant, kiosk) DO UPDATE SET seen_at = excluded.seen_at, heartbeat = excluded.heartbeat",
            )
            .bind(tenant.as_str())
            .bind(kiosk.as_str())
            .bind(seen_at.as_millisecond())
            .bind(text.as_str())
            .execute(&mut *on)
            .await?;
            for event in &heartbeat.events {
                let kind = kind(event.kind);
                sqlx::query(
                    "INSERT INTO kiosk_events (tenant, kiosk, kind, count) VALUES ($1, $2, $3, $4) \
                     ON CONFLICT (tenant, kiosk, kind) DO UPDATE SET count = kiosk_events.count + excluded.count",
                )
                .bind(tenant.as_str())
                .bind(kiosk.as_str())
                .bind(kind.as_str())
                .bind(i64::from(event.count))
                .execute(&mut *on)
                .await?;
            }
        });
        Ok(())
    }

    /// Every kiosk of a town that was ever heard, by id.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn kiosks(&self, tenant: &TenantCode) -> Result<Vec<KioskRow>, StoreError> {
        let rows: Vec<(String, i64, String)> = reading!(self, tenant, on => sqlx::query_as(
            "SELECT kiosk, seen_at, heartbeat FROM kiosks WHERE tenant = $1 ORDER BY kiosk",
        )
        .bind(tenant.as_str())
        .fetch_all(&mut *on)
        .await?);
        rows.into_iter()
            .map(|(kiosk, seen_at, heartbeat)| {
                Ok(KioskRow {
                    kiosk: parsed("kiosks", &kiosk)?,
                    seen_at: timestamp("kiosks", seen_at)?,
                    heartbeat: serde_json::from_str(&heartbeat).map_err(|e| unreadable(&e))?,
                })
            })
            .collect()
    }

    /// How often each kind of event happened at a kiosk, by kind.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn kiosk_events(
        &self,
        tenant: &TenantCode,
        kiosk: &KioskId,
    ) -> Result<Vec<(String, i64)>, StoreError> {
        Ok(reading!(self, tenant, on => sqlx::query_as(
            "SELECT kind, count FROM kiosk_events WHERE tenant = $1 AND kiosk = $2 ORDER BY kind",
        )
        .bind(tenant.as_str())
        .bind(kiosk.as_str())
        .fetch_all(&mut *on)
        .await?))
    }
}

fn unreadable(error: &serde_json::Error) -> StoreError {
    StoreError::Row {
        table: "kiosks",
        reason: error.to_string(),
    }
}

/// The kind as on the wire.
fn kind(kind: kiosk_api::EventKind) -> String {
    match serde_json::to_value(kind) {
        Ok(serde_json::Value::String(text)) => text,
        _ => "unknown".to_owned(),
    }
}
