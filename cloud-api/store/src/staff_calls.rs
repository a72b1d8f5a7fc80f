//! Calls for staff: from kiosks, and notes that the cloud itself makes. Kinds, never people.

use jiff::Timestamp;
use kiosk_api::{KioskId, StaffCallId, StaffCallReason, TenantCode};

use crate::query::query;
use crate::row::{FromRow, Row};
use crate::{Store, StoreError};

/// Why staff should look.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CallReason {
    /// The kiosk calls.
    Kiosk(StaffCallReason),
    /// A login met a household under 支援措置; the kiosk got the same answer as when nobody matches.
    Protected,
}

const WORDS: [(CallReason, &str); 7] = [
    (CallReason::Kiosk(StaffCallReason::Asked), "asked"),
    (CallReason::Kiosk(StaffCallReason::Printer), "printer"),
    (CallReason::Kiosk(StaffCallReason::Storage), "storage"),
    (CallReason::Kiosk(StaffCallReason::Card), "card"),
    (CallReason::Kiosk(StaffCallReason::NoMatch), "no_match"),
    (CallReason::Kiosk(StaffCallReason::Housing), "housing"),
    (CallReason::Protected, "protected"),
];

impl CallReason {
    fn as_str(self) -> &'static str {
        WORDS
            .iter()
            .find(|(reason, _)| *reason == self)
            .map_or("asked", |(_, word)| word)
    }

    fn from_word(word: &str) -> Option<Self> {
        let known = WORDS.iter().find(|(_, known)| *known == word);
        known.map(|(reason, _)| *reason)
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

impl FromRow for StaffCallRow {
    const TABLE: &'static str = "staff_calls";

    fn from_row(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.parse("id").map(StaffCallId)?,
            kiosk: row.parse("kiosk")?,
            reason: row.word("reason", CallReason::from_word)?,
            called_at: row.time("called_at")?,
        })
    }
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
        let insert = query(
            "INSERT INTO staff_calls (tenant, id, kiosk, reason, called_at) VALUES ($1, $2, $3, $4, $5) \
             ON CONFLICT (tenant, id) DO NOTHING",
        )
        .bind(tenant)
        .bind(call.id.to_string())
        .bind(&call.kiosk)
        .bind(call.reason.as_str())
        .bind(call.called_at);
        Ok(self.execute(tenant, insert).await? > 0)
    }

    /// The newest calls first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn staff_calls(
        &self,
        tenant: &TenantCode,
        limit: i64,
    ) -> Result<Vec<StaffCallRow>, StoreError> {
        let query = query(
            "SELECT id, kiosk, reason, called_at FROM staff_calls WHERE tenant = $1 \
             ORDER BY called_at DESC, id LIMIT $2",
        )
        .bind(tenant)
        .bind(limit);
        self.fetch_all(tenant, query).await
    }
}
