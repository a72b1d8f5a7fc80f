//! Calls for staff: from kiosks, and notes that the cloud itself makes. Kinds, never people.

use jiff::Timestamp;
use kiosk_api::{KioskId, StaffCallId, StaffCallReason, TenantCode};

use super::{Store, StoreError, parsed, reading, timestamp, writing};

/// Why staff should look.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CallReason {
    /// The kiosk calls.
    Kiosk(StaffCallReason),
    /// A login met a household under 支援措置; the kiosk was told what it is told when nobody matches.
    Protected,
}

const WORDS: [(CallReason, &str); 5] = [
    (CallReason::Kiosk(StaffCallReason::Asked), "asked"),
    (CallReason::Kiosk(StaffCallReason::Printer), "printer"),
    (CallReason::Kiosk(StaffCallReason::Card), "card"),
    (CallReason::Kiosk(StaffCallReason::NoMatch), "no_match"),
    (CallReason::Protected, "protected"),
];

impl CallReason {
    fn as_str(self) -> &'static str {
        WORDS
            .iter()
            .find(|(reason, _)| *reason == self)
            .map_or("asked", |(_, word)| word)
    }
}

/// A call.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StaffCallRow {
    /// Its id.
    pub id: StaffCallId,
    /// Which kiosk.
    pub kiosk: KioskId,
    /// Why.
    pub reason: CallReason,
    /// When.
    pub called_at: Timestamp,
}

impl Store {
    /// Keeps a call once; returns whether it is new.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn insert_staff_call(
        &self,
        tenant: &TenantCode,
        call: &StaffCallRow,
    ) -> Result<bool, StoreError> {
        let id = call.id.to_string();
        let rows = writing!(self, tenant, on => sqlx::query(
            "INSERT INTO staff_calls (tenant, id, kiosk, reason, called_at) VALUES ($1, $2, $3, $4, $5) \
             ON CONFLICT (tenant, id) DO NOTHING",
        )
        .bind(tenant.as_str())
        .bind(id.as_str())
        .bind(call.kiosk.as_str())
        .bind(call.reason.as_str())
        .bind(call.called_at.as_millisecond())
        .execute(&mut *on)
        .await?
        .rows_affected());
        Ok(rows > 0)
    }

    /// The newest calls first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn staff_calls(
        &self,
        tenant: &TenantCode,
        most: i64,
    ) -> Result<Vec<StaffCallRow>, StoreError> {
        let rows: Vec<(String, String, String, i64)> = reading!(self, tenant, on => sqlx::query_as(
            "SELECT id, kiosk, reason, called_at FROM staff_calls WHERE tenant = $1 \
             ORDER BY called_at DESC, id LIMIT $2",
        )
        .bind(tenant.as_str())
        .bind(most)
        .fetch_all(&mut *on)
        .await?);
        rows.into_iter()
            .map(|(id, kiosk, reason, called_at)| {
                let known = WORDS
                    .iter()
                    .find(|(_, word)| *word == reason)
                    .map(|(reason, _)| *reason);
                let unknown = || StoreError::Row {
                    table: "staff_calls",
                    reason: format!("reason {reason:?}"),
                };
                Ok(StaffCallRow {
                    id: StaffCallId(parsed("staff_calls", &id)?),
                    kiosk: parsed("staff_calls", &kiosk)?,
                    reason: known.ok_or_else(unknown)?,
                    called_at: timestamp("staff_calls", called_at)?,
                })
            })
            .collect()
    }
}
