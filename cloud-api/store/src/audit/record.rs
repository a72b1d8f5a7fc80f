//! What is about to be written to the trail.

use jiff::Timestamp;
use kiosk_api::KioskId;

use super::event::AuditEvent;

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

/// A record for the trail; it becomes an [`Entry`](super::Entry) with its number and hash when it is stored.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AuditRecord {
    /// When it happened.
    pub at: Timestamp,
    /// Who did it.
    pub actor: Actor,
    /// What was done.
    pub event: AuditEvent,
    /// The thing it was done to, by id; empty if to none.
    pub object: String,
    /// What else matters, e.g. how many were found. No resident's data.
    pub detail: serde_json::Value,
}

impl AuditRecord {
    /// A record that names no thing and has no detail.
    #[must_use]
    pub fn new(at: Timestamp, actor: Actor, event: AuditEvent) -> Self {
        Self {
            at,
            actor,
            event,
            object: String::new(),
            detail: serde_json::Value::Object(serde_json::Map::new()),
        }
    }

    /// Names the thing it was done to.
    #[must_use]
    pub fn about(mut self, object: impl ToString) -> Self {
        self.object = object.to_string();
        self
    }

    /// Adds the detail, a JSON object.
    #[must_use]
    pub fn with(mut self, detail: serde_json::Value) -> Self {
        self.detail = detail;
        self
    }
}
