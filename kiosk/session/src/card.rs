//! The My Number Card (マイナンバーカード): offered, placed, its tries counted before the pad, read once.
//!
//! No PIN is ever sent twice by itself, and the last try is spent only when the resident insists (card.md A13).

use crate::effect::{CardItems, CardProblem, Indication, Request, StaffReason};
use crate::page::{Explain, Page, stages};
use crate::pin::{DIGITS, PLAIN_KEYS, shuffled_keys};
use crate::place::Place;
use crate::screen::{Body, Choice, Step, Tone};
use crate::session::Session;
use crate::text::Text;
use crate::touch::Touch;

/// What the card is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Purpose {
    /// Who is here, before the questions.
    Identify,
    /// The card's holder confirms the application instead of signing it.
    Sign,
}

/// How far the card is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum CardStage {
    /// "Will you use your card?"
    Offer,
    /// Waiting for a card on the reader.
    Place,
    /// Asked how many tries are left.
    Counting,
    /// One try left, or the card does not tell: only by insisting.
    LastTry {
        /// Tries left, where the card tells.
        left: Option<u8>,
        /// A wrong PIN brought us here.
        wrong: bool,
    },
    /// The pad.
    Pin {
        /// Tries left, where the card tells.
        left: Option<u8>,
        /// The last PIN was wrong.
        wrong: bool,
    },
    /// The card works.
    Reading,
    /// It did not work.
    Trouble(Trouble),
}

/// Pages that say what to do about a card.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Trouble {
    Blocked,
    Removed,
    Changed,
    Silent,
    Unreadable,
    Forged,
    Reader,
    /// Signing with another person's card.
    Another,
}

impl Session {
    pub(crate) fn offer_card(&mut self) {
        self.go(Place::Card(Purpose::Identify, CardStage::Offer));
    }

    /// Begins with the card itself: at once when it already lies there.
    pub(crate) fn begin_card(&mut self, purpose: Purpose) {
        self.visit.pin.clear();
        self.visit.keys = PLAIN_KEYS;
        if self.card_here {
            self.ask(Request::CardTries);
            self.indicate(Indication::CardBusy);
            self.go(Place::Card(purpose, CardStage::Counting));
        } else {
            self.indicate(Indication::CardWanted);
            self.go(Place::Card(purpose, CardStage::Place));
        }
    }

    pub(crate) fn card_page(&self, purpose: Purpose, stage: CardStage) -> Page {
        let step = if purpose == Purpose::Sign {
            Step::Forms
        } else {
            Step::Card
        };
        match stage {
            CardStage::Offer => Page::new(step, self.offer_body()).back(),
            CardStage::Place => Page::new(step, place_body(purpose)).back(),
            CardStage::Counting => Page::new(step, counting_body()),
            CardStage::LastTry { left, wrong } => {
                Page::new(step, last_try_body(purpose, left, wrong)).back()
            }
            CardStage::Pin { left, wrong } => Page::new(step, self.pin_body(purpose, left, wrong))
                .back()
                .next("button.ok", self.visit.pin.is_whole()),
            CardStage::Reading => Page::new(step, reading_body(purpose)),
            CardStage::Trouble(trouble) => Page::new(step, trouble_body(purpose, trouble)).back(),
        }
    }

    fn offer_body(&self) -> Body {
        let use_card = Choice::new("use", Text::key("card.offer.use"))
            .lead(Text::key("card.offer.use-lead"))
            .picture("card");
        let without = Choice::new("without", Text::key("card.offer.without"))
            .lead(Text::key("card.offer.without-lead"))
            .picture("touch");
        let lead = if self.online {
            "card.offer.lead"
        } else {
            "card.offer.lead-offline"
        };
        Body::Choices {
            title: Text::key("card.offer.title"),
            lead: Some(Text::key(lead)),
            picture: Some("card"),
            choices: vec![use_card, without],
            many: false,
            why: Some(self.why("card.offer.why", Vec::new())),
        }
    }

    fn pin_body(&self, purpose: Purpose, left: Option<u8>, wrong: bool) -> Body {
        let lead = match left {
            Some(left) => Text::Key(
                "card.pin.lead",
                vec![("left", Text::Plain(left.to_string()))],
            ),
            None => Text::key("card.pin.lead-unknown"),
        };
        Body::PinPad {
            title: Text::key("card.pin.title"),
            lead,
            tries_left: left.unwrap_or(0),
            typed: self.visit.pin.typed(),
            keys: self.visit.keys,
            problem: wrong.then(|| Text::key("card.pin.wrong")),
            choices: vec![
                Choice::new("shuffle", Text::key("card.pin.shuffle")).picture("shuffle"),
                without(purpose),
            ],
        }
    }

    pub(crate) fn card_touch(&mut self, purpose: Purpose, stage: CardStage, touch: &Touch) {
        match (stage, touch) {
            (CardStage::Offer, Touch::Why) => self.visit.why_open = !self.visit.why_open,
            (CardStage::Reading | CardStage::Counting, _) => {
                self.working_card_touch(purpose, stage, touch)
            }
            (_, Touch::Choose(id)) => self.card_choice(purpose, stage, id),
            (CardStage::Pin { .. }, Touch::Pin(digit)) => self.visit.pin.push(*digit),
            (CardStage::Pin { .. }, Touch::PinErase) => self.visit.pin.erase(),
            (CardStage::Pin { .. }, Touch::Next) => self.send_pin(purpose),
            (CardStage::Offer, Touch::Back) => self.choose_event(),
            (_, Touch::Back) => self.leave_card(purpose),
            _ => {}
        }
    }

    fn card_choice(&mut self, purpose: Purpose, stage: CardStage, id: &str) {
        match (stage, id) {
            (CardStage::Offer, "use") => self.begin_card(purpose),
            (_, "without") => self.without_card(purpose),
            (CardStage::Trouble(_), "retry") => self.begin_card(purpose),
            (CardStage::LastTry { left, wrong }, "insist") => {
                self.go(Place::Card(purpose, CardStage::Pin { left, wrong }));
            }
            (CardStage::Pin { .. }, "shuffle") => {
                self.visit.pin.clear();
                self.visit.keys = shuffled_keys(self.now.as_nanosecond().unsigned_abs() as u64);
            }
            _ => {}
        }
    }

    /// While the card works only giving up is possible, and not once the PIN is on its way: a signature may be
    /// under way, and taking the card away is the resident's own way to stop it.
    fn working_card_touch(&mut self, purpose: Purpose, stage: CardStage, touch: &Touch) {
        let without = matches!(touch, Touch::Choose(id) if id == "without");
        if without && stage == CardStage::Counting {
            self.without_card(purpose);
        }
    }

    fn send_pin(&mut self, purpose: Purpose) {
        if let Some(pin) = self.visit.pin.take() {
            self.ask(Request::ReadCard { pin });
            self.indicate(Indication::CardBusy);
            self.go(Place::Card(purpose, CardStage::Reading));
        }
    }

    fn leave_card(&mut self, purpose: Purpose) {
        self.stop_card();
        match purpose {
            Purpose::Identify => self.offer_card(),
            Purpose::Sign => self.begin_signing(),
        }
    }

    fn without_card(&mut self, purpose: Purpose) {
        self.stop_card();
        match purpose {
            Purpose::Identify => self.begin_details(),
            Purpose::Sign => self.begin_signing(),
        }
    }

    fn stop_card(&mut self) {
        self.give_up();
        self.visit.pin.clear();
        self.indicate(Indication::Idle);
    }

    /// The reader has a card.
    pub(crate) fn card_came(&mut self) {
        if let Place::Card(purpose, CardStage::Place) = self.place {
            self.begin_card(purpose);
        }
    }

    /// The reader is empty. Digits typed for a card that is gone are wiped: the next card may be another's.
    pub(crate) fn card_went(&mut self) {
        if let Place::Card(purpose, stage) = self.place {
            match stage {
                CardStage::Pin { .. } | CardStage::LastTry { .. } => {
                    self.stop_card();
                    self.begin_card(purpose);
                }
                CardStage::Reading | CardStage::Counting => {
                    self.stop_card();
                    self.card_trouble(purpose, Trouble::Removed);
                }
                CardStage::Offer | CardStage::Place | CardStage::Trouble(_) => {}
            }
        }
    }

    pub(crate) fn tries_counted(&mut self, purpose: Purpose, left: Option<u8>) {
        let wrong = false;
        match left {
            Some(0) => self.card_trouble(purpose, Trouble::Blocked),
            None | Some(1) => self.go(Place::Card(purpose, CardStage::LastTry { left, wrong })),
            Some(_) => self.go(Place::Card(purpose, CardStage::Pin { left, wrong })),
        }
        self.indicate(Indication::CardWanted);
    }

    pub(crate) fn card_failed(&mut self, purpose: Purpose, problem: CardProblem) {
        self.visit.pin.clear();
        match problem {
            CardProblem::WrongPin { left: 0 } | CardProblem::Blocked => {
                self.card_trouble(purpose, Trouble::Blocked)
            }
            CardProblem::WrongPin { left: 1 } => {
                self.go(Place::Card(
                    purpose,
                    CardStage::LastTry {
                        left: Some(1),
                        wrong: true,
                    },
                ));
            }
            CardProblem::WrongPin { left } => {
                self.go(Place::Card(
                    purpose,
                    CardStage::Pin {
                        left: Some(left),
                        wrong: true,
                    },
                ));
            }
            CardProblem::Removed => self.card_trouble(purpose, Trouble::Removed),
            CardProblem::Changed => self.card_trouble(purpose, Trouble::Changed),
            CardProblem::Silent => self.card_trouble(purpose, Trouble::Silent),
            CardProblem::Unreadable => self.card_trouble(purpose, Trouble::Unreadable),
            CardProblem::Forged => self.card_trouble(purpose, Trouble::Forged),
            CardProblem::Reader => self.card_trouble(purpose, Trouble::Reader),
        }
    }

    pub(crate) fn card_trouble(&mut self, purpose: Purpose, trouble: Trouble) {
        if matches!(
            trouble,
            Trouble::Blocked | Trouble::Unreadable | Trouble::Forged | Trouble::Reader
        ) {
            self.call_staff_once(StaffReason::Card);
        }
        self.indicate(Indication::Idle);
        self.go(Place::Card(purpose, CardStage::Trouble(trouble)));
    }

    pub(crate) fn card_read(&mut self, purpose: Purpose, items: CardItems) {
        self.indicate(Indication::Idle);
        match purpose {
            Purpose::Identify => self.identified(items),
            Purpose::Sign if self.visit.same_person(&items) => {
                if !items.genuine {
                    self.card_unverified();
                }
                self.signed_by_card();
            }
            Purpose::Sign => self.card_trouble(purpose, Trouble::Another),
        }
    }
}

/// The way on without the card: by name, since signing has other ways.
fn without(purpose: Purpose) -> Choice {
    let words = match purpose {
        Purpose::Identify => "card.without",
        Purpose::Sign => "card.sign-without",
    };
    Choice::new("without", Text::key(words))
}

fn place_body(purpose: Purpose) -> Body {
    Body::CardPlace {
        title: Text::key("card.place.title"),
        lead: Text::key("card.place.lead"),
        choices: vec![without(purpose)],
    }
}

fn counting_body() -> Body {
    Body::Working {
        title: Text::key("card.counting.title"),
        stages: stages(
            &["card.stage.found", "card.stage.tries", "card.stage.pin"],
            1,
        ),
        lead: Some(Text::key("card.leave_it")),
        choices: vec![Choice::new("without", Text::key("button.cancel"))],
    }
}

fn reading_body(purpose: Purpose) -> Body {
    let titles: &[&'static str] = match purpose {
        Purpose::Identify => &["card.stage.typed", "card.stage.read", "card.stage.town"],
        Purpose::Sign => &["card.stage.typed", "card.stage.confirm"],
    };
    Body::Working {
        title: Text::key("card.reading.title"),
        stages: stages(titles, 1),
        lead: Some(Text::key("card.leave_it")),
        choices: Vec::new(),
    }
}

fn last_try_body(purpose: Purpose, left: Option<u8>, wrong: bool) -> Body {
    let title = match (left, wrong) {
        (None, _) => "card.last.title-unknown",
        (Some(_), true) => "card.last.title-wrong",
        (Some(_), false) => "card.last.title",
    };
    let mut page = Explain::new(Tone::Warning, "warning", title)
        .line("card.last.blocks")
        .line("card.last.advice")
        .choice(
            "without",
            if purpose == Purpose::Sign {
                "card.sign-without"
            } else {
                "card.without"
            },
        );
    page = page.choice("insist", "card.last.insist");
    page.code("C-10").body()
}

fn trouble_body(purpose: Purpose, trouble: Trouble) -> Body {
    let without = if purpose == Purpose::Sign {
        "card.sign-without"
    } else {
        "card.without"
    };
    let page = match trouble {
        Trouble::Blocked => Explain::new(Tone::Problem, "lock", "card.blocked.title")
            .line("card.blocked.where")
            .line("card.blocked.on")
            .code("C-11"),
        Trouble::Removed => Explain::new(Tone::Warning, "card-locked", "card.removed.title")
            .line("card.nothing_lost")
            .line("card.removed.do")
            .choice("retry", "card.retry")
            .code("C-12"),
        Trouble::Changed => Explain::new(Tone::Warning, "card-locked", "card.changed.title")
            .line("card.nothing_lost")
            .line("card.changed.do")
            .choice("retry", "card.retry")
            .code("C-13"),
        Trouble::Silent => Explain::new(Tone::Warning, "clock", "card.silent.title")
            .line("card.nothing_lost")
            .line("card.silent.do")
            .choice("retry", "card.retry")
            .code("C-14"),
        Trouble::Unreadable => Explain::new(Tone::Problem, "card-locked", "card.unreadable.title")
            .line("card.unreadable.why")
            .line("card.unreadable.do")
            .choice("retry", "card.retry")
            .code("C-15"),
        Trouble::Reader => Explain::new(Tone::Problem, "error", "card.reader.title")
            .line("card.nothing_lost")
            .line("card.reader.do")
            .code("C-16"),
        Trouble::Forged => Explain::new(Tone::Problem, "card-locked", "card.forged.title")
            .line("card.forged.why")
            .line("card.forged.do")
            .code("C-18"),
        Trouble::Another => Explain::new(Tone::Warning, "card-locked", "card.another.title")
            .line("card.another.do")
            .choice("retry", "card.retry")
            .code("C-17"),
    };
    page.choice("without", without).body()
}

const _: () = assert!(DIGITS == 4, "the pad draws four places");
