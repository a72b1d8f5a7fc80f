//! One visit after another at one kiosk: events in, effects out.

use std::sync::Arc;

use guidance::date_in_japan;
use jiff::{Timestamp, ToSpan};
use zeroize::Zeroizing;

use crate::aside::{Aside, TakeUpError, Written};
use crate::effect::{Ask, Effect, Event, Indication, Notice, Reply, StaffReason};
use crate::effects::Effects;
use crate::flow::{self, CurrentPage, Onward};
use crate::idle::Idle;
use crate::kiosk_state::KioskState;
use crate::next::Next;
use crate::page::Work;
use crate::pages::closed::Closed;
use crate::pages::leave::Leave;
use crate::pages::welcome::Welcome;
use crate::screen::{Frame, Overlay, Screen};
use crate::text::Text;
use crate::touch::Touch;
use crate::town::TownContext;
use crate::visit::Visit;

/// One kiosk's visits (窓口セッション), one after another. Holds at most one resident at a time.
pub struct Session {
    kiosk: KioskState,
    page: CurrentPage,
    visit: Visit,
    overlay: Option<OverlayState>,
    idle: Idle,
    /// Since when this page is shown, or what lies over it.
    shown_since: Timestamp,
    effects: Effects,
    last_touch_ignored: bool,
}

/// What lies over the page.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum OverlayState {
    /// "Are you still there?", wiped at this moment.
    Idle { until: Timestamp },
    /// Staff were called.
    StaffCalled,
    /// "Really start over?"
    StartOver,
}

impl Session {
    /// A kiosk before its first visit.
    #[must_use]
    pub fn new(town: TownContext, now: Timestamp) -> Self {
        Self::following(0, town, now)
    }

    /// A kiosk that begins again after a fault: its visits are numbered on from `last`, so that no answer to a
    /// question asked before can be taken for one asked after.
    #[must_use]
    pub fn following(last: u64, town: TownContext, now: Timestamp) -> Self {
        let kiosk = KioskState::new(town, now);
        Self {
            page: CurrentPage::Welcome(Welcome),
            visit: Visit::new(date_in_japan(now)),
            overlay: None,
            idle: Idle::since(now),
            shown_since: now,
            effects: Effects::following(last),
            last_touch_ignored: false,
            kiosk,
        }
    }

    /// A new catalogue, new forms or settings. Taken only between visits (also while "take your papers" is shown, when
    /// everything is forgotten already), so that one visit sees one edition; false while somebody is here, and the
    /// app tries again after the next `Forget`.
    pub fn set_town(&mut self, town: TownContext) -> bool {
        let free = self.is_outside();
        if free {
            let language = &self.kiosk.display.language;
            let keeps_language = town.languages.contains(language);
            self.kiosk.town = Arc::new(town);
            if !keeps_language {
                self.kiosk.reset_display();
            }
        }
        free
    }

    /// Nobody's visit is under way.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        matches!(self.page, CurrentPage::Welcome(_))
    }

    /// The housing was opened, and staff have not opened the kiosk again.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        matches!(self.page, CurrentPage::Closed(_))
    }

    /// The page holds nothing of a resident.
    fn is_outside(&self) -> bool {
        let leaves = matches!(self.page, CurrentPage::Leave(_));
        leaves || self.is_idle() || self.is_closed()
    }

    /// The number of the visit now under way; grows with every one.
    #[must_use]
    pub fn visit_number(&self) -> u64 {
        self.effects.visit_number()
    }

    /// The last touch was none that the page offers, or came too early to be meant for it. A keypad says so by a tone.
    #[must_use]
    pub fn last_touch_ignored(&self) -> bool {
        self.last_touch_ignored
    }

    /// Takes one event and gives what is asked of the world, in order.
    pub fn step(&mut self, event: Event, now: Timestamp) -> Vec<Effect> {
        self.kiosk.now = now;
        let kind = |overlay: Option<OverlayState>| overlay.map(|one| std::mem::discriminant(&one));
        let before = kind(self.overlay);
        match event {
            Event::Touch(touch) => self.touched(&touch),
            Event::Reply(ask, reply) => self.replied(ask, reply),
            Event::Notice(notice) => self.noticed(notice),
            Event::Tick => self.ticked(),
        }
        if kind(self.overlay) != before {
            self.shown_since = now;
        }
        if self.effects.take_asked() {
            self.idle.work(now);
        }
        self.effects.take()
    }

    /// The visit written down, to be put aside and taken up again: everything but the PIN. It is people: whoever keeps it
    /// seals it. None where there is no visit, and while card, cloud or printer work for it.
    #[must_use]
    pub fn put_aside(&self) -> Option<Zeroizing<String>> {
        let works = self.effects.is_waiting() && self.page.state().work().is_some();
        if self.is_outside() || works {
            return None;
        }
        let written = Written {
            display: &self.kiosk.display,
            visit: &self.visit,
            page: &self.page,
        };
        written.to_json()
    }

    /// Takes up a visit that was put aside, on the page on which it was, and gives what is asked of the world.
    ///
    /// # Errors
    /// Somebody is here, or the text is not a visit of this version.
    pub fn take_up(&mut self, aside: &str, now: Timestamp) -> Result<Vec<Effect>, TakeUpError> {
        if !self.is_idle() {
            return Err(TakeUpError::Busy);
        }
        let aside = Aside::from_json(aside)?;
        self.kiosk.now = now;
        self.kiosk.display = aside.display;
        self.visit = aside.visit;
        self.visit
            .interview
            .look_for_questions(&self.kiosk.town.catalogue);
        self.idle.work(now);
        self.show(aside.page);
        let page = self.page.state_mut();
        let next = page.taken_up(&mut self.visit, &self.kiosk, &mut self.effects);
        self.follow(next);
        Ok(self.effects.take())
    }

    /// What the resident sees now.
    #[must_use]
    pub fn screen(&self) -> Screen {
        let page = self.page.state().view(&self.visit, &self.kiosk);
        let display = &self.kiosk.display;
        Screen {
            frame: Frame {
                town: Text::Words(self.kiosk.town.name.clone()),
                step: page.step,
                language: display.language.clone(),
                text_size: display.text_size,
                contrast: display.contrast,
                low_reach: display.low_reach,
                back: page.back,
                next: page.next,
                help: page.help,
                degraded: self
                    .kiosk
                    .degraded(!self.is_idle())
                    .filter(|_| !self.is_closed()),
            },
            body: page.body,
            overlay: self.overlay.map(|overlay| self.overlay(overlay)),
        }
    }

    fn overlay(&self, overlay: OverlayState) -> Overlay {
        match overlay {
            OverlayState::Idle { until } => {
                let left = until.as_second() - self.kiosk.now.as_second();
                Overlay::Idle {
                    seconds: u32::try_from(left).unwrap_or(0),
                }
            }
            OverlayState::StaffCalled => Overlay::StaffCalled,
            OverlayState::StartOver => Overlay::StartOver,
        }
    }

    fn touched(&mut self, touch: &Touch) {
        self.last_touch_ignored = false;
        self.idle.activity(self.kiosk.now);
        if matches!(self.overlay, Some(OverlayState::Idle { .. })) {
            // Whatever was touched under the warning was not meant: the warning hid it.
            self.overlay = None;
            return;
        }
        let languages = &self.kiosk.town.languages;
        if self.kiosk.display.touch(touch, languages) {
            return;
        }
        if self.is_too_early() {
            self.last_touch_ignored = true;
            return;
        }
        match (self.overlay, touch) {
            (_, Touch::Activity | Touch::StillHere) => {}
            (Some(OverlayState::StartOver), Touch::StartOver) => self.end_visit(),
            (Some(_), Touch::Close) => self.overlay = None,
            (Some(_), _) => self.last_touch_ignored = true,
            (None, Touch::CallStaff) if self.offers_help() => self.call_staff(),
            (None, Touch::StartOver) if self.offers_help() => {
                self.overlay = Some(OverlayState::StartOver);
            }
            (None, Touch::Why) => self.kiosk.why_open = !self.kiosk.why_open,
            (None, touch) => {
                let (visit, effects) = (&mut self.visit, &mut self.effects);
                let page = self.page.state_mut();
                let next = page.touch(touch, visit, &self.kiosk, effects);
                self.last_touch_ignored = matches!(next, Next::Ignored);
                self.follow(next);
            }
        }
    }

    /// The page came so lately that the finger was already on its way: a second tap is not meant for it. A clock that
    /// was set back makes nobody wait.
    fn is_too_early(&self) -> bool {
        let shown = self.kiosk.now.as_millisecond() - self.shown_since.as_millisecond();
        (0..i64::from(self.kiosk.town.policy.unseen_ms)).contains(&shown)
    }

    fn offers_help(&self) -> bool {
        self.page.state().view(&self.visit, &self.kiosk).help
    }

    fn call_staff(&mut self) {
        self.overlay = Some(OverlayState::StaffCalled);
        self.effects.indicate(Indication::Help);
        self.effects.call_staff(StaffReason::Asked);
    }

    /// The reply is used only when its `Ask` is the open one; whether the page waits for this kind of answer, it knows
    /// itself.
    fn replied(&mut self, ask: Ask, reply: Reply) {
        if !self.effects.accept(ask) {
            return;
        }
        self.idle.work(self.kiosk.now);
        let (visit, effects) = (&mut self.visit, &mut self.effects);
        let page = self.page.state_mut();
        let next = page.reply(reply, visit, &self.kiosk, effects);
        self.follow(next);
    }

    fn noticed(&mut self, notice: Notice) {
        match notice {
            Notice::CardHere => self.card_moved(true),
            Notice::CardGone => self.card_moved(false),
            Notice::Online(online) => self.kiosk.online = online,
            Notice::Printing(possible) => self.kiosk.printing = possible,
            Notice::Cards(possible) => self.kiosk.cards = possible,
            Notice::Presence(true) => self.activity_without_touch(),
            Notice::Presence(false) => {}
            Notice::Housing { open } => self.housing_moved(open),
            Notice::Closed => self.close(),
        }
    }

    fn card_moved(&mut self, present: bool) {
        self.activity_without_touch();
        self.kiosk.card_present = present;
        let (visit, effects) = (&mut self.visit, &mut self.effects);
        let page = self.page.state_mut();
        let next = page.card_moved(visit, &self.kiosk, effects);
        self.follow(next);
    }

    /// Somebody is there: the time begins again, and an idle warning goes away.
    fn activity_without_touch(&mut self) {
        self.idle.activity(self.kiosk.now);
        let overlay = self.overlay;
        self.overlay = overlay.filter(|one| !matches!(one, OverlayState::Idle { .. }));
    }

    fn ticked(&mut self) {
        let now = self.kiosk.now;
        self.idle.check_clock(now);
        match (&self.page, self.overlay) {
            (CurrentPage::Leave(_), _) => {
                let page = self.page.state_mut();
                let next = page.tick(&self.kiosk, &mut self.effects);
                self.follow(next);
            }
            (CurrentPage::Welcome(_), _) => self.welcome_ticked(),
            (CurrentPage::Closed(_), _) if !self.effects.is_waiting() => self.closed_ticked(),
            (_, Some(OverlayState::Idle { until })) if now >= until => self.end_visit(),
            (_, Some(OverlayState::Idle { until })) => {
                // A clock that was set back does not stretch the warning.
                let until = until.min(self.end_of_grace());
                self.overlay = Some(OverlayState::Idle { until });
            }
            (page, _) => match page.state().work().filter(|_| self.effects.is_waiting()) {
                Some(work) => self.work_ticked(work),
                None => self.idle_ticked(),
            },
        }
    }

    /// A resident who only chose a language and left: the next one finds the first language again.
    fn welcome_ticked(&mut self) {
        let now = self.kiosk.now;
        if self.idle.seconds(now) >= i64::from(self.kiosk.town.policy.warn_after) {
            self.kiosk.reset_display();
            self.idle.activity(now);
        }
    }

    /// The closed kiosk's page as the next one who comes finds it.
    fn closed_ticked(&mut self) {
        let now = self.kiosk.now;
        if self.idle.seconds(now) >= i64::from(self.kiosk.town.policy.warn_after) {
            self.kiosk.reset_display();
            self.idle.activity(now);
            let page = self.page.state_mut();
            let next = page.tick(&self.kiosk, &mut self.effects);
            self.follow(next);
        }
    }

    fn idle_ticked(&mut self) {
        let policy = self.kiosk.town.policy;
        let most = match self.overlay {
            Some(OverlayState::StaffCalled) => policy.staff_after,
            _ => policy.warn_after,
        };
        if self.idle.seconds(self.kiosk.now) >= i64::from(most) {
            let until = self.end_of_grace();
            self.overlay = Some(OverlayState::Idle { until });
        }
    }

    /// Work under way is never cut off silently; it ends in a page of its own.
    fn work_ticked(&mut self, work: Work) {
        let policy = self.kiosk.town.policy;
        let most = match work {
            Work::Online => policy.patience,
            Work::Printing => policy.print_patience,
        };
        let now = self.kiosk.now;
        if self.idle.working_seconds(now) < i64::from(most) {
            return;
        }
        self.effects.give_up();
        self.idle.activity(now);
        let (visit, effects) = (&mut self.visit, &mut self.effects);
        let page = self.page.state_mut();
        let next = page.no_reply(visit, &self.kiosk, effects);
        self.follow(next);
    }

    fn end_of_grace(&self) -> Timestamp {
        let grace = i64::from(self.kiosk.town.policy.grace);
        let until = self.kiosk.now.checked_add(grace.seconds());
        until.unwrap_or(Timestamp::MAX)
    }

    fn follow(&mut self, next: Next) {
        let (visit, effects) = (&mut self.visit, &mut self.effects);
        match flow::follow(next, visit, &self.kiosk, effects) {
            Onward::Ignored | Onward::Stay => {}
            Onward::Turned => self.page_came(),
            Onward::To(page) => self.show(*page),
            Onward::AskToStartOver => self.overlay = Some(OverlayState::StartOver),
            Onward::EndVisit => self.end_visit(),
            Onward::NextResident => self.welcome_next(),
        }
    }

    fn show(&mut self, page: CurrentPage) {
        self.page = page;
        self.page_came();
    }

    fn page_came(&mut self) {
        self.kiosk.why_open = false;
        self.shown_since = self.kiosk.now;
    }

    /// Ends the visit: nothing of it is left here, and the app forgets as well. Only "take your things" may still be
    /// shown.
    fn end_visit(&mut self) {
        let now = self.kiosk.now;
        let papers = self.visit.printing.any_printed();
        self.visit = Visit::new(date_in_japan(now));
        self.overlay = None;
        self.idle.activity(now);
        self.effects.forget();
        if papers || self.kiosk.card_present {
            self.effects.indicate(Indication::TakeAway);
            self.show(CurrentPage::Leave(Leave::begin(papers, now)));
        } else {
            self.welcome_next();
        }
    }

    fn housing_moved(&mut self, open: bool) {
        self.kiosk.housing_open = open;
        match &mut self.page {
            CurrentPage::Closed(page) => page.housing_moved(open, &mut self.effects),
            _ if open => self.close(),
            _ => {}
        }
    }

    /// The housing was opened: whoever is here goes away empty-handed, nothing of the visit is left, and only staff open the
    /// kiosk again.
    fn close(&mut self) {
        if self.is_closed() {
            return;
        }
        let now = self.kiosk.now;
        let papers = self.visit.printing.any_printed();
        self.visit = Visit::new(date_in_japan(now));
        self.overlay = None;
        self.idle.activity(now);
        self.effects.forget();
        self.effects.indicate(Indication::Help);
        self.effects.call_staff(StaffReason::Housing);
        self.show(CurrentPage::Closed(Closed::begin(papers)));
    }

    /// The welcome screen as the next resident finds it.
    fn welcome_next(&mut self) {
        self.kiosk.reset_display();
        self.overlay = None;
        self.effects.indicate(Indication::Idle);
        self.show(CurrentPage::Welcome(Welcome));
    }
}
