//! The audit trail (監査証跡, JK-10.2): who did what to which thing, and when. Append-only and chained: each entry's hash
//! covers the one before it, so that a changed, removed or inserted entry is found offline.
//!
//! An entry names staff by id and things by id. It never holds a resident's name, address or what was typed into a search.

mod analyses;
mod chain;
mod deed;

pub use analyses::{FAILURES, Findings, MANY, OfficeHours, WINDOW, analyse};
pub use chain::{BrokenChain, GENESIS, Hash, link, verify, verify_from};
pub use deed::Deed;

use jiff::Timestamp;
use kiosk_api::KioskId;
use serde::{Deserialize, Serialize};

/// Who did it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Actor {
    /// A person, by id.
    Staff(String),
    /// A machine client, by id.
    Client(String),
    /// A kiosk.
    Kiosk(KioskId),
    /// A person or job at the service's own command line.
    Command,
    /// The service by itself.
    Service,
    /// Somebody who has not logged in.
    Nobody,
}

impl Actor {
    /// As in the columns `actor_kind` and `actor`.
    #[must_use]
    pub fn words(&self) -> (&'static str, &str) {
        match self {
            Self::Staff(id) => ("staff", id),
            Self::Client(id) => ("client", id),
            Self::Kiosk(id) => ("kiosk", id.as_str()),
            Self::Command => ("command", ""),
            Self::Service => ("service", ""),
            Self::Nobody => ("nobody", ""),
        }
    }
}

/// What is about to be written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Note {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: Actor,
    /// What.
    pub deed: Deed,
    /// To which thing, by id; empty if to none.
    pub object: String,
    /// What else matters, e.g. how many were found. No resident's data.
    pub detail: serde_json::Value,
}

impl Note {
    /// Without a thing or detail.
    #[must_use]
    pub fn new(at: Timestamp, actor: Actor, deed: Deed) -> Self {
        Self {
            at,
            actor,
            deed,
            object: String::new(),
            detail: serde_json::Value::Object(serde_json::Map::new()),
        }
    }

    /// About this thing.
    #[must_use]
    pub fn about(mut self, object: impl ToString) -> Self {
        self.object = object.to_string();
        self
    }

    /// With this detail; an object.
    #[must_use]
    pub fn with(mut self, detail: serde_json::Value) -> Self {
        self.detail = detail;
        self
    }
}

/// An entry of the trail, as stored and as exported (one JSON object a line).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// The realm: a town's code, or `platform`.
    pub tenant: String,
    /// Number in the realm's chain, from 1, without a gap.
    pub seq: i64,
    /// When, in milliseconds since 1970 (UTC).
    pub at: i64,
    /// `staff`, `client`, `kiosk`, `command`, `service`, `nobody`.
    pub actor_kind: String,
    /// Who, by id.
    pub actor: String,
    /// What, as [`Deed::as_str`].
    pub deed: String,
    /// To which thing.
    pub object: String,
    /// Detail, JSON as text: its bytes are what the hash covers.
    pub detail: String,
    /// The hash before.
    pub previous: Hash,
    /// The hash of all of the above.
    pub hash: Hash,
}
