//! What happened to applications, out of the audit trail: its numbers follow the order of the commits, without a gap, since the
//! head's row lets one writer of a realm through at a time. What was read once is never before what is read later.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use kiosk_api::{ApplicationId, TenantCode};

use crate::audit::AuditEvent;
use crate::query::query;
use crate::row::{FromRow, Row};
use crate::{ApplicationStatus, Store, StoreError};

/// How much of an entry's hash a cursor shows.
const SHOWN: usize = 8;

/// A position in the trail, with the beginning of its entry's hash: after a backup was restored the same number may be another
/// entry's, and whoever has the old cursor must not go on from there as if nothing had happened.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FeedCursor {
    seq: i64,
    hash: [u8; SHOWN],
}

impl FeedCursor {
    fn new(seq: i64, hash: &[u8]) -> Result<Self, StoreError> {
        let hash = hash.first_chunk().ok_or_else(|| StoreError::Row {
            table: EventRow::TABLE,
            reason: "a hash is too short".to_owned(),
        })?;
        Ok(Self { seq, hash: *hash })
    }
}

/// `NUMBER.HEXADECIMAL`, for a client a word without meaning.
impl fmt::Display for FeedCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:016x}", self.seq, u64::from_be_bytes(self.hash))
    }
}

impl FromStr for FeedCursor {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (seq, hash) = text.split_once('.').ok_or(())?;
        let hash = u64::from_str_radix(hash, 16).map_err(drop)?;
        let cursor = Self {
            seq: seq.parse().map_err(drop)?,
            hash: hash.to_be_bytes(),
        };
        // One spelling for one cursor.
        Some(cursor).filter(|one| one.to_string() == text).ok_or(())
    }
}

/// Something that happened to an application.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EventRow {
    /// Its position in the feed.
    pub cursor: FeedCursor,
    /// Which application.
    pub application: ApplicationId,
    /// Its reception number.
    pub reception: String,
    /// When.
    pub at: Timestamp,
    /// The status that it was moved to; `None`: it came in.
    pub status: Option<ApplicationStatus>,
}

impl FromRow for EventRow {
    const TABLE: &'static str = "audit";

    fn from_row(row: &Row) -> Result<Self, StoreError> {
        let hash: Vec<u8> = row.get("hash")?;
        Ok(Self {
            cursor: FeedCursor::new(row.get("seq")?, &hash)?,
            application: row.application_id("object")?,
            reception: row.get("reception")?,
            at: row.time("at")?,
            status: moved_to(row)?,
        })
    }
}

fn moved_to(row: &Row) -> Result<Option<ApplicationStatus>, StoreError> {
    let event: String = row.get("deed")?;
    if event == AuditEvent::Received.as_str() {
        return Ok(None);
    }
    let detail: String = row.get("detail")?;
    let detail: serde_json::Value = serde_json::from_str(&detail).unwrap_or_default();
    let status = detail["to"].as_str().and_then(ApplicationStatus::from_word);
    let unnamed = || row.unreadable("an entry names no status");
    status.map(Some).ok_or_else(unnamed)
}

impl Store {
    /// What happened after a cursor, in order; `None` when the trail has no such entry.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn events_after(
        &self,
        tenant: &TenantCode,
        after: Option<FeedCursor>,
        limit: i64,
    ) -> Result<Option<Vec<EventRow>>, StoreError> {
        let mut connection = self.read(tenant).await?;
        if let Some(cursor) = after {
            let own = query("SELECT hash FROM audit WHERE tenant = $1 AND seq = $2")
                .bind(tenant)
                .bind(cursor.seq);
            let own: Option<Vec<u8>> = connection.fetch_value(own).await?;
            let own = own.map(|hash| FeedCursor::new(cursor.seq, &hash));
            if own.transpose()? != Some(cursor) {
                return Ok(None);
            }
        }
        let later = query(
            "SELECT e.seq, e.at, e.deed, e.object, e.detail, e.hash, a.reception FROM audit e \
             JOIN applications a ON a.tenant = e.tenant AND a.id = e.object \
             WHERE e.tenant = $1 AND e.seq > $2 AND e.deed IN ('received', 'state_changed') ORDER BY e.seq LIMIT $3",
        )
        .bind(tenant)
        .bind(after.map_or(0, |cursor| cursor.seq))
        .bind(limit);
        let events = connection.fetch_all(later).await?;
        connection.commit().await?;
        Ok(Some(events))
    }
}
