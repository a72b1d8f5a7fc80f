//! The loop: touches, replies, notices and ticks go into the session one after another; the effects that it returns are
//! started, the screen that it shows is drawn. Every event comes through one channel.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::Receiver;

use guidance::date_in_japan;
use jiff::Timestamp;
use session::effect::{Effect, Event, Notice};
use session::screen::Screen;
use session::{Session, TownContext};

use crate::editions::NewEdition;
use crate::effects::{Designs, EffectRunner};
use crate::housing::Housing;
use crate::kiosk_health::KioskHealth;
use crate::loop_event::LoopEvent;

/// Owns the session: the only place where it is stepped.
pub struct EventLoop {
    session: Session,
    town: TownContext,
    designs: Designs,
    /// `town` and `designs` are newer than what the session and the drawing use: a visit is under way.
    edition_pending: bool,
    effects: EffectRunner,
    show: Box<dyn FnMut(Screen) + Send>,
    health: Arc<KioskHealth>,
    housing: Housing,
    shown: Option<Screen>,
}

impl EventLoop {
    /// A kiosk before its first visit.
    #[must_use]
    pub fn new(
        town: TownContext,
        designs: Designs,
        effects: EffectRunner,
        (health, housing): (Arc<KioskHealth>, Housing),
        show: Box<dyn FnMut(Screen) + Send>,
    ) -> Self {
        let session = Session::new(town.clone(), Timestamp::now());
        Self {
            session,
            town,
            designs,
            edition_pending: false,
            effects,
            show,
            health,
            housing,
            shown: None,
        }
    }

    /// Handles events until [`LoopEvent::Quit`] or until every sender is gone.
    pub fn run(mut self, events: &Receiver<LoopEvent>) {
        self.close_if_closed();
        self.draw();
        while let Ok(event) = events.recv() {
            match event {
                LoopEvent::Session(event) => self.step(event),
                LoopEvent::NewEdition(edition) => self.take_edition(edition),
                LoopEvent::Quit => break,
            }
        }
        let closed = self.effects.close();
        tracing::info!(kind = "visit-forgotten", closed);
    }

    fn step(&mut self, event: Event) {
        let now = Timestamp::now();
        let was_idle = self.session.is_idle();
        match catch_unwind(AssertUnwindSafe(|| self.session.step(event, now))) {
            Ok(effects) => {
                for effect in effects {
                    let over = matches!(effect, Effect::Forget);
                    self.effects.perform(effect, date_in_japan(now));
                    if over {
                        self.change_town();
                    }
                }
            }
            Err(_) => self.restart_session(),
        }
        if was_idle && !self.session.is_idle() && !self.session.is_closed() {
            self.health.count(kiosk_api::EventKind::VisitBegun);
        }
        self.draw();
    }

    /// The session itself panicked. Nothing of the visit is shown to anybody any more; the next one begins clean.
    fn restart_session(&mut self) {
        tracing::error!(
            kind = "session-panic",
            "the visit ends, a new session begins"
        );
        self.effects
            .perform(Effect::Forget, date_in_japan(Timestamp::now()));
        // Numbered on: an answer that is still on its way belongs to nobody in the new session.
        let last = self.session.visit_number();
        self.session = Session::following(last, self.town.clone(), Timestamp::now());
        self.close_if_closed();
    }

    /// A session begins open. The first screen of a closed kiosk already says that it is closed.
    fn close_if_closed(&mut self) {
        if self.housing.is_closed() {
            let now = Timestamp::now();
            for effect in self.session.step(Event::Notice(Notice::Closed), now) {
                self.effects.perform(effect, date_in_japan(now));
            }
        }
    }

    fn take_edition(&mut self, edition: NewEdition) {
        match edition {
            NewEdition::Catalogue(edition) => {
                self.health.catalogue(&edition.name);
                self.town.catalogue = Arc::clone(&edition.content);
                self.designs.catalogue = edition.content;
            }
            NewEdition::Forms(edition) => {
                self.health.forms(&edition.name);
                self.town.forms = Arc::clone(&edition.content.set);
                self.designs.forms = edition.content;
            }
        }
        self.edition_pending = true;
        self.change_town();
    }

    /// One visit sees one edition: a new one waits until nobody is here.
    fn change_town(&mut self) {
        if self.edition_pending && self.session.set_town(self.town.clone()) {
            self.edition_pending = false;
            let designs = self.designs.clone();
            self.effects
                .parts()
                .drawing
                .run(move |drawing| drawing.use_designs(designs));
            self.draw();
        }
    }

    fn draw(&mut self) {
        let Ok(screen) = catch_unwind(AssertUnwindSafe(|| self.session.screen())) else {
            self.restart_session();
            self.shown = None;
            return (self.show)(self.session.screen());
        };
        if self.shown.as_ref() != Some(&screen) {
            self.shown = Some(screen.clone());
            (self.show)(screen);
        }
    }
}
