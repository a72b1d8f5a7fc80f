//! One webhook of a town.

use super::event::EventType;
use super::signature::SigningSecret;

/// A webhook of a town.
pub struct Webhook {
    /// Its name in settings and store.
    pub id: String,
    /// Where it goes.
    pub url: reqwest::Url,
    /// Signs it.
    pub secret: SigningSecret,
    /// The events that are sent to it; empty: all.
    pub events: Vec<EventType>,
}

impl Webhook {
    /// Whether this event is sent to it.
    pub(super) fn wants(&self, event: EventType) -> bool {
        self.events.is_empty() || self.events.contains(&event)
    }
}
