//! Webhooks (docs/hand-off.md): what happened to an application, told to other services, signed as the Standard Webhooks
//! specification has it. An event names an application by its numbers and nobody by name; who may know more asks for it.

mod delivery;
mod guard;
mod signature;

use cloud_store::{ApplicationStatus, NewDelivery, Store, StoreError};
use jiff::Timestamp;
use kiosk_api::ApplicationId;
use serde_json::json;

pub use delivery::{LONGEST_WAIT, Webhooks};
pub use guard::{Guard, Refused, Resolve, Resolving, SystemResolver, Target, is_public};
pub use signature::{SecretError, SigningSecret};

use crate::tenant::Tenant;

/// What happened.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum EventType {
    /// It came in (受付).
    Received,
    /// A clerk has confirmed it (確認).
    Confirmed,
    /// It is done (処理済).
    Done,
    /// It was returned (差戻し).
    Returned,
}

impl EventType {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Received, Self::Confirmed, Self::Done, Self::Returned];

    /// As on the wire and in the settings.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Received => "application.received",
            Self::Confirmed => "application.confirmed",
            Self::Done => "application.done",
            Self::Returned => "application.returned",
        }
    }

    /// What it is that an application has come to this state.
    #[must_use]
    pub fn of(state: ApplicationStatus) -> Option<Self> {
        match state {
            ApplicationStatus::Received => None,
            ApplicationStatus::Confirmed => Some(Self::Confirmed),
            ApplicationStatus::Done => Some(Self::Done),
            ApplicationStatus::Returned => Some(Self::Returned),
        }
    }

    /// As clerks say it.
    #[must_use]
    pub fn japanese(self) -> &'static str {
        match self {
            Self::Received => "受付",
            Self::Confirmed => "確認",
            Self::Done => "処理済",
            Self::Returned => "差戻し",
        }
    }
}

impl std::str::FromStr for EventType {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let known = Self::ALL.into_iter().find(|one| one.as_str() == text);
        known.ok_or_else(|| format!("unknown event {text:?}"))
    }
}

/// A webhook of a town.
pub struct Webhook {
    /// Its name in settings and store.
    pub id: String,
    /// Where it goes.
    pub url: reqwest::Url,
    /// Signs it.
    pub secret: SigningSecret,
    /// What it is told; empty: everything.
    pub events: Vec<EventType>,
}

impl Webhook {
    fn wants(&self, event: EventType) -> bool {
        self.events.is_empty() || self.events.contains(&event)
    }
}

/// An event of an application.
pub struct Event<'a> {
    /// What.
    pub kind: EventType,
    /// Which application.
    pub application: ApplicationId,
    /// Its reception number.
    pub reception: &'a str,
    /// When.
    pub at: Timestamp,
}

impl Event<'_> {
    /// The same event has the same id. An application comes in once; it may be confirmed and returned again and again.
    #[must_use]
    pub fn id(&self) -> String {
        let (kind, id) = (self.kind.as_str(), self.application);
        match self.kind {
            EventType::Received => format!("{kind}.{id}"),
            _ => format!("{kind}.{id}.{}", self.at.as_millisecond()),
        }
    }
}

/// What the town's webhooks that want it are told of an event; `None` when no one does.
#[must_use]
pub fn announcement(tenant: &Tenant, event: &Event<'_>) -> Option<NewDelivery> {
    let wanting = tenant.webhooks.iter().filter(|hook| hook.wants(event.kind));
    let hooks: Vec<String> = wanting.map(|hook| hook.id.clone()).collect();
    if hooks.is_empty() {
        return None;
    }
    let body = json!({
        "type": event.kind.as_str(),
        "timestamp": event.at,
        "data": {
            "tenant": tenant.code,
            "application": event.application,
            "reception": event.reception,
        },
    });
    Some(NewDelivery {
        hooks,
        event: event.id(),
        body: body.to_string(),
        at: event.at,
    })
}

/// Puts an event on its way to the town's webhooks that want it. Doing so again does nothing.
///
/// # Errors
/// [`StoreError`].
pub async fn announce(store: &Store, tenant: &Tenant, event: &Event<'_>) -> Result<(), StoreError> {
    match announcement(tenant, event) {
        Some(told) => store.enqueue_deliveries(&tenant.code, &told).await,
        None => Ok(()),
    }
}
