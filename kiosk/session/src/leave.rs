//! The end: "take your card and papers", until the card is seen gone. Everything was forgotten before this shows.

use jiff::Timestamp;

use crate::effect::{Indication, StaffReason};
use crate::page::Page;
use crate::place::Place;
use crate::screen::Body;
use crate::session::Session;
use crate::text::Text;
use crate::touch::Touch;

/// What is left to take. Holds nothing of the resident.
pub(crate) struct Leave {
    papers: bool,
    since: Timestamp,
    staff_called: bool,
}

impl Leave {
    pub(crate) fn begin(papers: bool, now: Timestamp) -> Self {
        Self {
            papers,
            since: now,
            staff_called: false,
        }
    }
}

impl Session {
    pub(crate) fn leave_page(&self, leave: &Leave) -> Page {
        let title = match (self.card_here, leave.papers) {
            (true, true) => "leave.title.both",
            (true, false) => "leave.title.card",
            _ => "leave.title.papers",
        };
        let body = Body::Leave {
            title: Text::key(title),
            card_here: self.card_here,
            papers: leave.papers,
        };
        let next = (!self.card_here).then(|| (Text::key("leave.finish"), true));
        Page {
            body,
            step: None,
            back: false,
            next,
            help: false,
        }
    }

    pub(crate) fn leave_touch(&mut self, touch: &Touch) {
        if matches!(touch, Touch::Next) && !self.card_here {
            self.welcome();
        }
    }

    /// The reader is empty: with no papers to take there is nothing left to say.
    pub(crate) fn card_taken(&mut self) {
        let now = self.now;
        if let Place::Leave(leave) = &mut self.place {
            if leave.papers {
                leave.since = now;
            } else {
                self.welcome();
            }
        }
    }

    /// Papers: goes by itself. A card is never left alone: staff come, and the page stays.
    pub(crate) fn leave_ticked(&mut self) {
        let (now, policy, card_here) = (self.now, self.town.policy, self.card_here);
        let Place::Leave(leave) = &mut self.place else {
            return;
        };
        leave.since = leave.since.min(now);
        let seconds = now.as_second() - leave.since.as_second();
        if !card_here && seconds >= i64::from(policy.papers) {
            self.welcome();
        } else if card_here && !leave.staff_called && seconds >= i64::from(policy.card_left) {
            leave.staff_called = true;
            self.call_staff(StaffReason::Card);
            self.indicate(Indication::Help);
        }
    }
}
