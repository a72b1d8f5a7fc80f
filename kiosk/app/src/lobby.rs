//! The loop: touches, answers, notices and seconds go into the session one after another; what it wants is begun, what it
//! shows is drawn. Everything that happens comes through one channel.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender};

use guidance::date_in_japan;
use jiff::Timestamp;
use session::effect::{Effect, Event};
use session::screen::Screen;
use session::{Session, Town};

use crate::cloud::upkeep::News;
use crate::effects::{Designs, Effects};
use crate::vitals::Vitals;

/// Something that the loop must take note of.
pub enum Happening {
    /// For the session.
    Event(Event),
    /// A new edition came.
    News(News),
    /// End.
    Quit,
}

/// Where things that happen are told. Clones are the same loop.
#[derive(Clone)]
pub struct Tell(Sender<Happening>);

impl Tell {
    /// Things told here are received at the other end of `sender`.
    #[must_use]
    pub fn new(sender: Sender<Happening>) -> Self {
        Self(sender)
    }

    /// Tells the session.
    pub fn event(&self, event: Event) {
        self.send(Happening::Event(event));
    }

    /// Tells the loop. After its end nobody listens, which is no error.
    pub fn send(&self, happening: Happening) {
        let _ = self.0.send(happening);
    }
}

/// The loop's parts.
pub struct Lobby {
    session: Session,
    town: Town,
    designs: Designs,
    /// An edition waits for the end of the present visit.
    waiting: bool,
    effects: Effects,
    show: Box<dyn FnMut(Screen) + Send>,
    vitals: Arc<Vitals>,
    shown: Option<Screen>,
}

impl Lobby {
    /// A kiosk before its first visit.
    #[must_use]
    pub fn new(
        town: Town,
        designs: Designs,
        effects: Effects,
        vitals: Arc<Vitals>,
        show: Box<dyn FnMut(Screen) + Send>,
    ) -> Self {
        let session = Session::new(town.clone(), Timestamp::now());
        Self {
            session,
            town,
            designs,
            waiting: false,
            effects,
            show,
            vitals,
            shown: None,
        }
    }

    /// Takes what happens until [`Happening::Quit`] or until nobody can tell anything any more.
    pub fn run(mut self, happenings: &Receiver<Happening>) {
        self.draw();
        while let Ok(happening) = happenings.recv() {
            match happening {
                Happening::Event(event) => self.step(event),
                Happening::News(news) => self.renew(news),
                Happening::Quit => break,
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
            Err(_) => self.start_anew(),
        }
        if was_idle && !self.session.is_idle() {
            self.vitals.count(kiosk_api::EventKind::VisitBegun);
        }
        self.draw();
    }

    /// The session itself broke. Nothing of the visit is shown to anybody any more; the next one begins clean.
    fn start_anew(&mut self) {
        tracing::error!(
            kind = "session-panic",
            "the visit ends, a new session begins"
        );
        self.effects
            .perform(Effect::Forget, date_in_japan(Timestamp::now()));
        // Numbered on: an answer that is still on its way belongs to nobody in the new session.
        let last = self.session.visit_number();
        self.session = Session::following(last, self.town.clone(), Timestamp::now());
    }

    fn renew(&mut self, news: News) {
        match news {
            News::Catalogue(edition) => {
                self.vitals.catalogue(&edition.name);
                self.town.catalogue = Arc::clone(&edition.content);
                self.designs.catalogue = edition.content;
            }
            News::Forms(edition) => {
                self.vitals.forms(&edition.name);
                self.town.forms = Arc::clone(&edition.content.set);
                self.designs.forms = edition.content;
            }
        }
        self.waiting = true;
        self.change_town();
    }

    /// One visit sees one edition: a new one waits until nobody is here.
    fn change_town(&mut self) {
        if self.waiting && self.session.set_town(self.town.clone()) {
            self.waiting = false;
            let designs = self.designs.clone();
            self.effects
                .parts()
                .drawing
                .run(move |drawing| drawing.renew(designs));
            self.draw();
        }
    }

    fn draw(&mut self) {
        let Ok(screen) = catch_unwind(AssertUnwindSafe(|| self.session.screen())) else {
            self.start_anew();
            self.shown = None;
            return (self.show)(self.session.screen());
        };
        if self.shown.as_ref() != Some(&screen) {
            self.shown = Some(screen.clone());
            (self.show)(screen);
        }
    }
}
