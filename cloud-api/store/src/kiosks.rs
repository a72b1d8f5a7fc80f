//! How kiosks were when they were last heard.

use jiff::Timestamp;
use kiosk_api::{Heartbeat, KioskId, TenantCode};

use crate::query::query;
use crate::row::{FromRow, Row};
use crate::{Store, StoreError};

/// A kiosk and its last heartbeat.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct KioskRow {
    /// The kiosk.
    pub kiosk: KioskId,
    /// When it was heard, by the cloud's clock.
    pub seen_at: Timestamp,
    /// What it reported.
    pub heartbeat: Heartbeat,
}

impl FromRow for KioskRow {
    const TABLE: &'static str = "kiosks";

    fn from_row(row: &Row) -> Result<Self, StoreError> {
        let heartbeat: String = row.get("heartbeat")?;
        Ok(Self {
            kiosk: row.parse("kiosk")?,
            seen_at: row.time("seen_at")?,
            heartbeat: serde_json::from_str(&heartbeat).map_err(|e| row.unreadable(e))?,
        })
    }
}

/// How often one kind of event happened.
struct EventCount {
    kind: String,
    count: i64,
}

impl FromRow for EventCount {
    const TABLE: &'static str = "kiosk_events";

    fn from_row(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            kind: row.get("kind")?,
            count: row.get("count")?,
        })
    }
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
        let mut connection = self.write(tenant).await?;
        let upsert = query(
            "INSERT INTO kiosks (tenant, kiosk, seen_at, heartbeat) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (tenant, kiosk) DO UPDATE SET seen_at = excluded.seen_at, heartbeat = excluded.heartbeat",
        )
        .bind(tenant)
        .bind(kiosk)
        .bind(seen_at)
        .bind(text);
        connection.execute(upsert).await?;
        for event in &heartbeat.events {
            let count = query(
                "INSERT INTO kiosk_events (tenant, kiosk, kind, count) VALUES ($1, $2, $3, $4) \
                 ON CONFLICT (tenant, kiosk, kind) DO UPDATE SET count = kiosk_events.count + excluded.count",
            )
            .bind(tenant)
            .bind(kiosk)
            .bind(kind(event.kind))
            .bind(i64::from(event.count));
            connection.execute(count).await?;
        }
        connection.commit().await
    }

    /// Every kiosk of a town that was ever heard, by id.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn kiosks(&self, tenant: &TenantCode) -> Result<Vec<KioskRow>, StoreError> {
        let query =
            query("SELECT kiosk, seen_at, heartbeat FROM kiosks WHERE tenant = $1 ORDER BY kiosk")
                .bind(tenant);
        self.fetch_all(tenant, query).await
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
        let query = query(
            "SELECT kind, count FROM kiosk_events WHERE tenant = $1 AND kiosk = $2 ORDER BY kind",
        )
        .bind(tenant)
        .bind(kiosk);
        let counts: Vec<EventCount> = self.fetch_all(tenant, query).await?;
        Ok(counts
            .into_iter()
            .map(|one| (one.kind, one.count))
            .collect())
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
