//! One visit after another at one kiosk: events in, effects out.

use std::sync::Arc;

use application::CardCheck;
use guidance::date_in_japan;
use jiff::Timestamp;

use crate::asks::Asks;
use crate::choose::Choose;
use crate::effect::{Ask, Effect, Event, Indication, Notice, Reply, Request, StaffReason};
use crate::idle::Quiet;
use crate::leave::Leave;
use crate::look::Look;
use crate::page::Page;
use crate::place::Place;
use crate::screen::{Frame, Overlay, Screen, Why, Without};
use crate::text::Text;
use crate::touch::Touch;
use crate::town::Town;
use crate::visit::Visit;

/// One kiosk's visits (窓口セッション), one after another. Holds at most one resident at a time.
pub struct Session {
    pub(crate) town: Arc<Town>,
    pub(crate) look: Look,
    pub(crate) place: Place,
    pub(crate) visit: Visit,
    pub(crate) over: Option<Cover>,
    pub(crate) quiet: Quiet,
    pub(crate) card_here: bool,
    pub(crate) online: bool,
    printing: bool,
    cards: bool,
    pub(crate) now: Timestamp,
    /// Since when this page stands, with what lies over it.
    turned: Timestamp,
    asks: Asks,
    out: Vec<Effect>,
}

/// What lies over the matter.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Cover {
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
    pub fn new(town: Town, now: Timestamp) -> Self {
        Self {
            look: Look::fresh(&town.languages),
            town: Arc::new(town),
            place: Place::Welcome,
            visit: Visit::new(date_in_japan(now)),
            over: None,
            quiet: Quiet::since(now),
            card_here: false,
            online: true,
            printing: true,
            cards: true,
            now,
            turned: now,
            asks: Asks::new(),
            out: Vec::new(),
        }
    }

    /// A kiosk that begins again after a fault: its visits are numbered on from `last`, so that no answer to a
    /// question asked before can be taken for one asked after.
    #[must_use]
    pub fn following(last: u64, town: Town, now: Timestamp) -> Self {
        let mut session = Self::new(town, now);
        session.asks = Asks::following(last);
        session
    }

    /// A new catalogue, new forms or settings. Taken only between visits (also while "take your papers" stands, when
    /// everything is forgotten already), so that one visit sees one edition; false while somebody is here, and the
    /// app tries again after the next `Forget`.
    pub fn set_town(&mut self, town: Town) -> bool {
        let free = matches!(self.place, Place::Welcome | Place::Leave(_));
        if free {
            if !town.languages.contains(&self.look.language) {
                self.look = Look::fresh(&town.languages);
            }
            self.town = Arc::new(town);
        }
        free
    }

    /// Nobody's visit is under way.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        matches!(self.place, Place::Welcome)
    }

    /// Takes one event and gives what is wanted of the world, in order.
    pub fn step(&mut self, event: Event, now: Timestamp) -> Vec<Effect> {
        self.now = now;
        let over = self.over.map(|over| std::mem::discriminant(&over));
        match event {
            Event::Touch(touch) => self.touched(touch),
            Event::Reply(ask, reply) => self.replied(ask, reply),
            Event::Notice(notice) => self.noticed(notice),
            Event::Tick => self.ticked(),
        }
        if self.over.map(|over| std::mem::discriminant(&over)) != over {
            self.turned = now;
        }
        std::mem::take(&mut self.out)
    }

    /// What the resident sees now.
    #[must_use]
    pub fn screen(&self) -> Screen {
        let page = self.page();
        Screen {
            frame: Frame {
                town: Text::Words(self.town.name.clone()),
                step: page.step,
                language: self.look.language.clone(),
                text_size: self.look.text_size,
                contrast: self.look.contrast,
                low_reach: self.look.low_reach,
                back: page.back,
                next: page.next,
                help: page.help,
                without: self.wanting(),
            },
            body: page.body,
            overlay: self.over.map(|over| self.overlay(over)),
        }
    }

    /// The gravest of what is wanting. The welcome screen keeps quiet about a network that nobody needs in order to begin.
    fn wanting(&self) -> Option<Without> {
        if !self.printing {
            Some(Without::Printing)
        } else if !self.cards {
            Some(Without::Cards)
        } else if !self.online && !self.is_idle() {
            Some(Without::Network)
        } else {
            None
        }
    }

    fn page(&self) -> Page {
        match &self.place {
            Place::Welcome => self.welcome_page(),
            Place::Choose(choose) => self.choose_page(choose),
            Place::Card(purpose, stage) => self.card_page(*purpose, *stage),
            Place::Household(stage) => self.household_page(*stage),
            Place::Details(details) => self.details_page(details),
            Place::Question => self.question_page(),
            Place::Plan(stage) => self.plan_page(*stage),
            Place::Forms(forms) => self.forms_page(forms),
            Place::Paper(paper) => self.paper_page(paper),
            Place::Leave(leave) => self.leave_page(leave),
        }
    }

    fn overlay(&self, over: Cover) -> Overlay {
        match over {
            Cover::Idle { until } => {
                let left = until.as_second() - self.now.as_second();
                Overlay::Idle {
                    seconds: u32::try_from(left).unwrap_or(0),
                }
            }
            Cover::StaffCalled => Overlay::StaffCalled,
            Cover::StartOver => Overlay::StartOver,
        }
    }

    fn touched(&mut self, touch: Touch) {
        self.quiet.broken(self.now);
        if matches!(self.over, Some(Cover::Idle { .. })) {
            // Whatever was touched under the warning was not meant: the warning hid it.
            self.over = None;
            return;
        }
        if self.look.touch(&touch, &self.town.languages) || self.is_unseen() {
            return;
        }
        match (self.over, touch) {
            (_, Touch::Activity | Touch::StillHere) => {}
            (Some(Cover::StartOver), Touch::StartOver) => self.forget(),
            (Some(_), Touch::Close) => self.over = None,
            (Some(_), _) => {}
            (None, Touch::CallStaff) if self.page().help => self.staff_wanted(),
            (None, Touch::StartOver) if self.page().help => self.over = Some(Cover::StartOver),
            (None, Touch::Why) => self.visit.why_open = !self.visit.why_open,
            (None, touch) => self.touched_matter(&touch),
        }
    }

    /// The page came so lately that the finger was already on its way: a second tap is not meant for it. A clock that
    /// was set back makes nobody wait.
    fn is_unseen(&self) -> bool {
        let since = self.now.as_millisecond() - self.turned.as_millisecond();
        (0..i64::from(self.town.policy.unseen_ms)).contains(&since)
    }

    fn touched_matter(&mut self, touch: &Touch) {
        match self.place {
            Place::Welcome => self.welcome_touch(touch),
            Place::Choose(_) => self.choose_touch(touch),
            Place::Card(purpose, stage) => self.card_touch(purpose, stage, touch),
            Place::Household(stage) => self.household_touch(stage, touch),
            Place::Details(_) => self.details_touch(touch),
            Place::Question => self.question_touch(touch),
            Place::Plan(stage) => self.plan_touch(stage, touch),
            Place::Forms(_) => self.forms_touch(touch),
            Place::Paper(_) => self.paper_touch(touch),
            Place::Leave(_) => self.leave_touch(touch),
        }
    }

    /// The reply is used only when its `Ask` is the open one *and* the place still waits for this kind of answer.
    fn replied(&mut self, ask: Ask, reply: Reply) {
        if !self.asks.accept(ask) {
            return;
        }
        self.quiet.worked(self.now);
        match (&self.place, reply) {
            (Place::Card(purpose, _), Reply::CardTries(left)) => self.tries_counted(*purpose, left),
            (Place::Card(purpose, _), Reply::CardRead(items)) => self.card_read(*purpose, items),
            (Place::Card(purpose, _), Reply::CardFailed(problem)) => {
                self.card_failed(*purpose, problem)
            }
            (Place::Household(_), Reply::Household(household)) => self.household_came(*household),
            (Place::Household(_), Reply::NoHousehold(problem)) => self.household_missing(problem),
            (Place::Forms(_), Reply::Towns(towns)) => self.towns_found(&towns),
            (Place::Forms(_), Reply::Preview(image, pages)) => self.preview_came(image, pages),
            (Place::Forms(_), Reply::PreviewFailed) => self.preview_failed(),
            (Place::Paper(_), Reply::Stored { reception }) => self.stored(reception),
            (Place::Paper(_), Reply::StoreFailed) => self.store_failed(),
            (Place::Paper(_), Reply::Printed) => self.printed(),
            (Place::Paper(_), Reply::PrintFailed(problem)) => self.print_failed(problem),
            // An answer of another kind than was asked: the wait ends, and the page says so.
            _ => self.gave_up_waiting(),
        }
    }

    fn noticed(&mut self, notice: Notice) {
        match notice {
            Notice::CardHere => {
                self.stirred();
                self.card_here = true;
                self.card_came();
            }
            Notice::CardGone => {
                self.stirred();
                self.card_here = false;
                self.card_went();
                self.card_taken();
            }
            Notice::Online(online) => self.online = online,
            Notice::Printing(possible) => self.printing = possible,
            Notice::Cards(possible) => self.cards = possible,
            Notice::Presence(here) => {
                if here {
                    self.stirred();
                }
            }
        }
    }

    /// A sign of life that is no touch: it extends, and takes an idle warning away.
    fn stirred(&mut self) {
        self.quiet.broken(self.now);
        self.over = self.over.filter(|over| !matches!(over, Cover::Idle { .. }));
    }

    fn staff_wanted(&mut self) {
        self.over = Some(Cover::StaffCalled);
        self.indicate(Indication::Help);
        self.call_staff(StaffReason::Asked);
    }

    pub(crate) fn call_staff(&mut self, reason: StaffReason) {
        self.out.push(Effect::CallStaff(reason));
    }

    /// Calls staff for a reason at most once a visit, so that a lamp does not blink for every retry.
    pub(crate) fn call_staff_once(&mut self, reason: StaffReason) {
        if !self.visit.called.contains(&reason) {
            self.visit.called.push(reason);
            self.call_staff(reason);
        }
    }

    pub(crate) fn go(&mut self, place: Place) {
        self.visit.why_open = false;
        self.turned = self.now;
        self.place = place;
    }

    pub(crate) fn ask(&mut self, request: Request) {
        self.quiet.worked(self.now);
        self.asks.ask(request, &mut self.out);
    }

    pub(crate) fn give_up(&mut self) {
        self.asks.give_up(&mut self.out);
    }

    pub(crate) fn is_waiting(&self) -> bool {
        self.asks.is_waiting()
    }

    pub(crate) fn indicate(&mut self, indication: Indication) {
        self.out.push(Effect::Indicate(indication));
    }

    pub(crate) fn why(&self, words: &'static str, procedures: Vec<Text>) -> Why {
        Why {
            text: Text::key(words),
            procedures,
            open: self.visit.why_open,
        }
    }

    /// Begins a visit: its day is the day in Japan.
    pub(crate) fn begin_visit(&mut self) {
        self.visit = Visit::new(date_in_japan(self.now));
        self.quiet.broken(self.now);
        self.go(Place::Choose(Choose::default()));
    }

    /// Ends the visit: nothing of it is left here, and the app is told to forget as well. Only "take your things"
    /// may still stand on the screen.
    pub(crate) fn forget(&mut self) {
        let papers = self.visit.queue.any_printed();
        self.asks.next_visit(&mut self.out);
        self.visit = Visit::new(date_in_japan(self.now));
        self.over = None;
        self.quiet.broken(self.now);
        self.out.push(Effect::Forget);
        if papers || self.card_here {
            self.indicate(Indication::TakeAway);
            self.go(Place::Leave(Leave::begin(papers, self.now)));
        } else {
            self.welcome();
        }
    }

    /// The welcome screen as the next resident finds it.
    pub(crate) fn welcome(&mut self) {
        self.look = Look::fresh(&self.town.languages);
        self.over = None;
        self.indicate(Indication::Idle);
        self.go(Place::Welcome);
    }

    /// The number of the visit now under way; grows with every one.
    #[must_use]
    pub fn visit_number(&self) -> u64 {
        self.asks.visit()
    }

    pub(crate) fn card_unverified(&mut self) {
        self.visit.card_check = CardCheck::Unverified;
        self.visit
            .note(application::StaffNoteKind::CardUnverified, None);
    }
}
