//! States of an application at the counter: 受付 → 確認 → 処理済, or 差戻し from either of the first two, and back.

/// A state.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum State {
    /// It came (受付).
    Received,
    /// A clerk has checked it (確認).
    Confirmed,
    /// It is in the core system (処理済).
    Done,
    /// The resident has to come again (差戻し).
    Returned,
}

impl State {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Received, Self::Confirmed, Self::Done, Self::Returned];

    /// As stored and on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Confirmed => "confirmed",
            Self::Done => "done",
            Self::Returned => "returned",
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

    /// From the stored word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }

    /// Where it can go from here. What is done stays done: a mistake becomes a new application.
    #[must_use]
    pub fn next(self) -> &'static [Self] {
        match self {
            Self::Received => &[Self::Confirmed, Self::Returned],
            Self::Confirmed => &[Self::Done, Self::Returned, Self::Received],
            Self::Returned => &[Self::Received],
            Self::Done => &[],
        }
    }

    /// Whether it can go there.
    #[must_use]
    pub fn goes_to(self, next: Self) -> bool {
        self.next().contains(&next)
    }
}

/// Why an application goes back; closed, so that no resident's matter stands in a plain column.
pub const RETURN_REASONS: [(&str, &str); 5] = [
    ("papers_missing", "必要な書類が足りない"),
    ("entries_wrong", "記入に誤りがある"),
    ("identity_unclear", "本人確認ができない"),
    ("withdrawn", "本人が取り下げた"),
    ("other", "その他（窓口で説明）"),
];

/// The reason as clerks read it.
#[must_use]
pub fn reason_text(word: &str) -> Option<&'static str> {
    RETURN_REASONS
        .iter()
        .find(|(own, _)| *own == word)
        .map(|(_, text)| *text)
}
