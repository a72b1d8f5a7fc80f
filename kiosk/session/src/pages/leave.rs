//! The end: "take your card and papers", until the card is seen gone. Everything was forgotten before this shows.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::effect::{Indication, StaffReason};
use crate::effects::Effects;
use crate::kiosk_state::KioskState;
use crate::next::Next;
use crate::page::{Page, PageState};
use crate::screen::{Body, LeaveBody};
use crate::text::Text;
use crate::touch::Touch;
use crate::visit::Visit;

/// What is left to take. Holds nothing of the resident.
#[derive(Serialize, Deserialize)]
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

impl PageState for Leave {
    fn view(&self, _visit: &Visit, kiosk: &KioskState) -> Page {
        let card_here = kiosk.card_present;
        let title = match (card_here, self.papers) {
            (true, true) => "leave.title.both",
            (true, false) => "leave.title.card",
            _ => "leave.title.papers",
        };
        let page = Page::outside(Body::Leave(LeaveBody {
            title: Text::key(title),
            card_here,
            papers: self.papers,
        }));
        if card_here {
            page
        } else {
            page.next("leave.finish", true)
        }
    }

    fn touch(
        &mut self,
        touch: &Touch,
        _visit: &mut Visit,
        kiosk: &KioskState,
        _effects: &mut Effects,
    ) -> Next {
        match touch {
            Touch::Next if !kiosk.card_present => Next::Left,
            _ => Next::Ignored,
        }
    }

    /// The reader is empty: with no papers to take there is nothing left to say.
    fn card_moved(
        &mut self,
        _visit: &mut Visit,
        kiosk: &KioskState,
        _effects: &mut Effects,
    ) -> Next {
        if kiosk.card_present {
            return Next::Stay;
        }
        if !self.papers {
            return Next::Left;
        }
        self.since = kiosk.now;
        Next::Stay
    }

    /// Papers: goes by itself. A card is never left alone: staff come, and the page stays.
    fn tick(&mut self, kiosk: &KioskState, effects: &mut Effects) -> Next {
        let policy = kiosk.town.policy;
        // A clock that was set back makes nobody wait longer.
        self.since = self.since.min(kiosk.now);
        let seconds = kiosk.now.as_second() - self.since.as_second();
        if !kiosk.card_present && seconds >= i64::from(policy.papers) {
            return Next::Left;
        }
        if kiosk.card_present && !self.staff_called && seconds >= i64::from(policy.card_left) {
            self.staff_called = true;
            effects.call_staff(StaffReason::Card);
            effects.indicate(Indication::Help);
        }
        Next::Stay
    }
}
