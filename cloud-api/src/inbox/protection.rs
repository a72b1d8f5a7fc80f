//! What is known of protective measures (支援措置, JK-3.4) for the people of an application.

/// An answer, or why there is none.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Protection {
    /// Nobody could be asked: the town has no core system, or the application names nobody.
    Unasked,
    /// The core system has not answered yet; it is asked until it does (照会待ち).
    Waiting,
    /// Nobody of it is protected.
    Clear,
    /// Somebody of it is, or lives with somebody who is; no clerk has said that they saw it.
    Found,
    /// The same, and a clerk has.
    Seen,
}

impl Protection {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Unasked,
        Self::Waiting,
        Self::Clear,
        Self::Found,
        Self::Seen,
    ];

    /// As stored.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unasked => "unasked",
            Self::Waiting => "waiting",
            Self::Clear => "clear",
            Self::Found => "found",
            Self::Seen => "seen",
        }
    }

    /// As staff read it.
    #[must_use]
    pub fn japanese(self) -> &'static str {
        match self {
            Self::Unasked => "照会なし",
            Self::Waiting => "照会待ち",
            Self::Clear => "該当なし",
            Self::Found => "要注意",
            Self::Seen => "要注意（確認済み）",
        }
    }

    /// From the stored word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == word)
    }

    /// Whether staff must take care.
    #[must_use]
    pub fn alerts(self) -> bool {
        matches!(self, Self::Found | Self::Seen)
    }

    /// Whether no machine gets or moves the application: nobody knows yet, or no clerk has seen it. `store::protection` says
    /// the same in SQL.
    #[must_use]
    pub fn holds(self) -> bool {
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
