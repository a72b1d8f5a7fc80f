//! The status of an application at the counter: 受付 → 確認 → 処理済, or 差戻し from either of the first two, and back.

use crate::closed_list::closed_list;

closed_list! {
    /// How far an application has come at the counter.
    ApplicationStatus {
        /// It came (受付).
        Received, "received";
        /// A clerk has checked it (確認).
        Confirmed, "confirmed";
        /// It is in the core system (処理済).
        Done, "done";
        /// The resident has to come again (差戻し).
        Returned, "returned";
    }
}

impl ApplicationStatus {
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

    /// Whether a clerk can move it there from here.
    #[must_use]
    pub fn can_become(self, next: Self) -> bool {
        self.next().contains(&next)
    }
}
