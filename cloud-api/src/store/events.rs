//! What happened to applications, out of the audit trail: its numbers follow the order of the commits, without a gap, since the
//! head's row lets one writer of a realm through at a time. What was read once is never before what is read later.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use kiosk_api::{ApplicationId, TenantCode};

use super::{Store, StoreError, parsed, reading, timestamp};
use crate::audit::Deed;
use crate::inbox::State;

/// How much of an entry's hash a place shows.
const SHOWN: usize = 8;

/// A place in the trail, with the beginning of its entry's hash: after a backup was restored the same number may be another
/// entry's, and whoever holds the old place must not go on from there as if nothing was.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Place {
    seq: i64,
    hash: [u8; SHOWN],
}

impl Place {
    fn of(seq: i64, hash: &[u8]) -> Result<Self, StoreError> {
        let hash = hash.first_chunk().ok_or_else(|| StoreError::Row {
            table: "audit",
            reason: "a hash is too short".to_owned(),
        })?;
        Ok(Self { seq, hash: *hash })
    }
}

/// `NUMBER.HEXADECIMAL`, for a client a word without meaning.
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:016x}", self.seq, u64::from_be_bytes(self.hash))
    }
}

impl FromStr for Place {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (seq, hash) = text.split_once('.').ok_or(())?;
        let hash = u64::from_str_radix(hash, 16).map_err(drop)?;
        let place = Self {
            seq: seq.parse().map_err(drop)?,
            hash: hash.to_be_bytes(),
        };
        // One spelling for one place.
        Some(place).filter(|one| one.to_string() == text).ok_or(())
    }
}

/// Something that happened to an application.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EventRow {
    /// Where it stands.
    pub place: Place,
    /// Which application.
    pub application: ApplicationId,
    /// Its reception number.
    pub reception: String,
    /// When.
    pub at: Timestamp,
    /// The state that it was moved to; `None`: it came in.
    pub state: Option<State>,
}

type Columns = (i64, i64, String, String, String, Vec<u8>, String);

fn row(columns: Columns) -> Result<EventRow, StoreError> {
    const TABLE: &str = "audit";
    let (seq, at, deed, object, detail, hash, reception) = columns;
    let state = if deed == Deed::Received.as_str() {
        None
    } else {
        let detail: serde_json::Value = serde_json::from_str(&detail).unwrap_or_default();
        let state = detail["to"].as_str().and_then(State::from_word);
        Some(state.ok_or_else(|| StoreError::Row {
            table: TABLE,
            reason: format!("entry {seq} names no state"),
        })?)
    };
    Ok(EventRow {
        place: Place::of(seq, &hash)?,
        application: ApplicationId(parsed(TABLE, &object)?),
        reception,
        at: timestamp(TABLE, at)?,
        state,
    })
}

impl Store {
    /// What happened after a place, in order; `None` when the trail does not know the place.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn events_after(
        &self,
        tenant: &TenantCode,
        after: Option<Place>,
        most: i64,
    ) -> Result<Option<Vec<EventRow>>, StoreError> {
        let seq = after.map_or(0, |place| place.seq);
        let (own, rows): (Option<(Vec<u8>,)>, Vec<Columns>) = reading!(self, tenant, on => {
            let own = sqlx::query_as("SELECT hash FROM audit WHERE tenant = $1 AND seq = $2")
                .bind(tenant.as_str())
                .bind(seq)
                .fetch_optional(&mut *on)
                .await?;
            let rows = sqlx::query_as(
                "SELECT e.seq, e.at, e.deed, e.object, e.detail, e.hash, a.reception FROM audit e \
                 JOIN applications a ON a.tenant = e.tenant AND a.id = e.object \
                 WHERE e.tenant = $1 AND e.seq > $2 AND e.deed IN ('received', 'state_changed') ORDER BY e.seq LIMIT $3",
            )
            .bind(tenant.as_str())
            .bind(seq)
            .bind(most)
            .fetch_all(&mut *on)
            .await?;
            (own, rows)
        });
        if let Some(place) = after {
            let own = own.map(|(hash,)| Place::of(seq, &hash)).transpose()?;
            if own != Some(place) {
                return Ok(None);
            }
        }
        rows.into_iter()
            .map(row)
            .collect::<Result<_, _>>()
            .map(Some)
    }
}
