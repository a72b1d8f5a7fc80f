//! What can happen to an application, as other services see it.

use cloud_store::ApplicationStatus;
use jiff::Timestamp;
use kiosk_api::ApplicationId;

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

    /// The event of an application that got this status; none for one that is back at the beginning.
    #[must_use]
    pub fn of(status: ApplicationStatus) -> Option<Self> {
        match status {
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
