//! What is known of protective measures (支援措置, JK-3.4) for the people of an application.

use crate::closed_list::closed_list;

/// What the column says where the answer itself is a token that only the town's key can read.
pub(crate) const ANSWERED: &str = "answered";

closed_list! {
    /// An answer of the core system, or why there is none.
    Protection {
        /// Nobody could be asked: the town has no core system, or the application names nobody.
        Unasked, "unasked";
        /// The core system has not answered yet; it is asked until it does (照会待ち).
        Waiting, "waiting";
        /// Nobody named in the application is protected.
        Clear, "clear";
        /// Somebody is, or lives with somebody who is; no clerk has said that they saw it.
        Found, "found";
        /// The same, and a clerk has.
        Seen, "seen";
    }
}

impl Protection {
    /// Whether staff must take care.
    #[must_use]
    pub fn alerts(self) -> bool {
        matches!(self, Self::Found | Self::Seen)
    }

    /// Whether no machine gets or moves the application: nobody knows yet, or no clerk has seen it. `lookups.rs` says
    /// the same in SQL.
    #[must_use]
    pub fn holds_back(self) -> bool {
        matches!(self, Self::Waiting | Self::Found)
    }

    /// Where a clerk may take it by hand: to "seen", or past a core system that does not answer, having looked there.
    #[must_use]
    pub fn by_hand(self) -> &'static [Self] {
        match self {
            Self::Waiting => &[Self::Clear, Self::Seen],
            Self::Found => &[Self::Seen],
            Self::Unasked | Self::Clear | Self::Seen => &[],
        }
    }
}
