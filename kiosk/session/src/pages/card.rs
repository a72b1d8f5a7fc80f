//! The My Number Card (マイナンバーカード): placed, its tries counted before the pad, read once.
//!
//! No PIN is ever sent twice by itself, and the last try is spent only when the resident insists (card.md A13).

use serde::{Deserialize, Serialize};

use crate::choice_id::ChoiceId;
use crate::effect::{CardItems, CardProblem, Indication, Reply, Request, StaffReason};
use crate::effects::Effects;
use crate::kiosk_state::KioskState;
use crate::next::{Next, Purpose};
use crate::page::{Explain, Page, PageState, Work, stages};
use crate::pin::{DIGITS, PLAIN_KEYS, Pin, shuffled_keys};
use crate::screen::{Body, CardPlaceBody, Choice, PinPadBody, Step, Tone, WorkingBody};
use crate::text::Text;
use crate::touch::Touch;
use crate::visit::Visit;

/// The card from the reader to its items. A PIN is typed here and leaves towards the card only: put aside, the page has
/// none.
#[derive(Serialize, Deserialize)]
pub(crate) struct Card {
    purpose: Purpose,
    stage: CardStage,
    /// Order of the PIN keys.
    keys: [u8; DIGIT_KEYS],
    #[serde(skip)]
    pin: Pin,
}

/// Keys of the PIN pad.
const DIGIT_KEYS: usize = PLAIN_KEYS.len();

/// How far the card is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
enum CardStage {
    /// Waiting for a card on the reader.
    Wanted,
    /// Asked how many tries are left.
    Counting,
    /// One try left, or the card does not say: only by insisting.
    LastTry {
        /// Tries left, where the card says.
        left: Option<u8>,
        /// A wrong PIN brought us here.
        wrong: bool,
    },
    /// The pad.
    Pin {
        /// Tries left, where the card says.
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
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
enum Trouble {
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

impl Card {
    /// Begins with the card itself: at once when it already lies there.
    pub(crate) fn begin(purpose: Purpose, kiosk: &KioskState, effects: &mut Effects) -> Self {
        let stage = if kiosk.card_present {
            effects.ask(Request::CardTries);
            effects.indicate(Indication::CardBusy);
            CardStage::Counting
        } else {
            effects.indicate(Indication::CardWanted);
            CardStage::Wanted
        };
        Self {
            purpose,
            stage,
            keys: PLAIN_KEYS,
            pin: Pin::default(),
        }
    }

    fn begin_again(&mut self, kiosk: &KioskState, effects: &mut Effects) -> Next {
        *self = Self::begin(self.purpose, kiosk, effects);
        Next::Turned
    }

    fn turn(&mut self, stage: CardStage) -> Next {
        self.stage = stage;
        Next::Turned
    }

    /// Nothing is expected of the card any more; typed digits are wiped.
    fn stop(&mut self, effects: &mut Effects) {
        effects.give_up();
        self.pin.clear();
        effects.indicate(Indication::Idle);
    }

    fn decline(&mut self, effects: &mut Effects) -> Next {
        self.stop(effects);
        Next::CardDeclined(self.purpose)
    }

    fn choose(&mut self, id: &ChoiceId, kiosk: &KioskState, effects: &mut Effects) -> Next {
        match (self.stage, id) {
            // Not once the PIN is on its way: a signature may be under way, and taking the card away is the resident's own
            // way to stop it.
            (CardStage::Reading, _) => Next::Ignored,
            (_, ChoiceId::GoOnWithout) => self.decline(effects),
            (CardStage::Trouble(_), ChoiceId::Retry) => self.begin_again(kiosk, effects),
            (CardStage::LastTry { left, wrong }, ChoiceId::SpendLastTry) => {
                self.turn(CardStage::Pin { left, wrong })
            }
            (CardStage::Pin { .. }, ChoiceId::ShuffleKeys) => {
                self.pin.clear();
                self.keys = shuffled_keys(kiosk.now.as_nanosecond().unsigned_abs() as u64);
                Next::Stay
            }
            _ => Next::Ignored,
        }
    }

    fn send_pin(&mut self, effects: &mut Effects) -> Next {
        let Some(pin) = self.pin.take() else {
            return Next::Ignored;
        };
        effects.ask(Request::ReadCard { pin });
        effects.indicate(Indication::CardBusy);
        self.turn(CardStage::Reading)
    }

    fn tries_counted(
        &mut self,
        left: Option<u8>,
        visit: &mut Visit,
        effects: &mut Effects,
    ) -> Next {
        let wrong = false;
        let next = match left {
            Some(0) => self.trouble(Trouble::Blocked, visit, effects),
            None | Some(1) => self.turn(CardStage::LastTry { left, wrong }),
            Some(_) => self.turn(CardStage::Pin { left, wrong }),
        };
        effects.indicate(Indication::CardWanted);
        next
    }

    fn failed(&mut self, problem: CardProblem, visit: &mut Visit, effects: &mut Effects) -> Next {
        self.pin.clear();
        let wrong = true;
        let trouble = match problem {
            CardProblem::WrongPin { left: 0 } | CardProblem::Blocked => Trouble::Blocked,
            CardProblem::WrongPin { left: 1 } => {
                let left = Some(1);
                return self.turn(CardStage::LastTry { left, wrong });
            }
            CardProblem::WrongPin { left } => {
                let left = Some(left);
                return self.turn(CardStage::Pin { left, wrong });
            }
            CardProblem::Removed => Trouble::Removed,
            CardProblem::Changed => Trouble::Changed,
            CardProblem::Silent => Trouble::Silent,
            CardProblem::Unreadable => Trouble::Unreadable,
            CardProblem::Forged => Trouble::Forged,
            CardProblem::Reader => Trouble::Reader,
        };
        self.trouble(trouble, visit, effects)
    }

    fn trouble(&mut self, trouble: Trouble, visit: &mut Visit, effects: &mut Effects) -> Next {
        let needs_staff = matches!(
            trouble,
            Trouble::Blocked | Trouble::Unreadable | Trouble::Forged | Trouble::Reader
        );
        if needs_staff && visit.is_first_call(StaffReason::Card) {
            effects.call_staff(StaffReason::Card);
        }
        effects.indicate(Indication::Idle);
        self.turn(CardStage::Trouble(trouble))
    }

    fn read(&mut self, items: CardItems, visit: &mut Visit, effects: &mut Effects) -> Next {
        effects.indicate(Indication::Idle);
        match self.purpose {
            Purpose::Identify => Next::Identified(Box::new(items)),
            Purpose::Sign if visit.identity.is_holder(&items) => {
                if !items.genuine {
                    visit.card_unverified();
                }
                Next::SignedByCard
            }
            Purpose::Sign => self.trouble(Trouble::Another, visit, effects),
        }
    }

    fn pin_body(&self, left: Option<u8>, wrong: bool) -> Body {
        let lead = match left {
            Some(left) => Text::Key(
                "card.pin.lead",
                vec![("left", Text::Plain(left.to_string()))],
            ),
            None => Text::key("card.pin.lead-unknown"),
        };
        Body::PinPad(PinPadBody {
            title: Text::key("card.pin.title"),
            lead,
            tries_left: Some(left.unwrap_or(0)),
            digits: DIGITS,
            typed: self.pin.typed(),
            keys: self.keys,
            problem: wrong.then(|| Text::key("card.pin.wrong")),
            choices: vec![
                Choice::new(ChoiceId::ShuffleKeys, Text::key("card.pin.shuffle"))
                    .picture("shuffle"),
                without(self.purpose),
            ],
        })
    }
}

impl PageState for Card {
    fn view(&self, _visit: &Visit, _kiosk: &KioskState) -> Page {
        let purpose = self.purpose;
        let step = match purpose {
            Purpose::Identify => Step::Card,
            Purpose::Sign => Step::Forms,
        };
        match self.stage {
            CardStage::Wanted => Page::new(step, place_body(purpose)).back(),
            CardStage::Counting => Page::new(step, counting_body()),
            CardStage::LastTry { left, wrong } => {
                Page::new(step, last_try_body(purpose, left, wrong)).back()
            }
            CardStage::Pin { left, wrong } => Page::new(step, self.pin_body(left, wrong))
                .back()
                .next("button.ok", self.pin.is_whole()),
            CardStage::Reading => Page::new(step, reading_body(purpose)),
            CardStage::Trouble(trouble) => Page::new(step, trouble_body(purpose, trouble)).back(),
        }
    }

    fn touch(
        &mut self,
        touch: &Touch,
        _visit: &mut Visit,
        kiosk: &KioskState,
        effects: &mut Effects,
    ) -> Next {
        match (self.stage, touch) {
            (_, Touch::Choose(id)) => self.choose(id, kiosk, effects),
            (CardStage::Reading | CardStage::Counting, _) => Next::Ignored,
            (CardStage::Pin { .. }, Touch::Pin(digit)) => {
                self.pin.push(*digit);
                Next::Stay
            }
            (CardStage::Pin { .. }, Touch::PinErase) => {
                self.pin.erase();
                Next::Stay
            }
            (CardStage::Pin { .. }, Touch::Next) => self.send_pin(effects),
            (_, Touch::Back) => {
                self.stop(effects);
                Next::CardLeft(self.purpose)
            }
            _ => Next::Ignored,
        }
    }

    fn reply(
        &mut self,
        reply: Reply,
        visit: &mut Visit,
        kiosk: &KioskState,
        effects: &mut Effects,
    ) -> Next {
        match reply {
            Reply::CardTries(left) => self.tries_counted(left, visit, effects),
            Reply::CardRead(items) => self.read(items, visit, effects),
            Reply::CardFailed(problem) => self.failed(problem, visit, effects),
            _ => self.no_reply(visit, kiosk, effects),
        }
    }

    fn no_reply(&mut self, visit: &mut Visit, _kiosk: &KioskState, effects: &mut Effects) -> Next {
        self.trouble(Trouble::Silent, visit, effects)
    }

    /// Digits typed for a card that is gone are wiped: the next card may be another's.
    fn card_moved(&mut self, visit: &mut Visit, kiosk: &KioskState, effects: &mut Effects) -> Next {
        match (kiosk.card_present, self.stage) {
            (true, CardStage::Wanted) => self.begin_again(kiosk, effects),
            (false, CardStage::Pin { .. } | CardStage::LastTry { .. }) => {
                self.stop(effects);
                self.begin_again(kiosk, effects)
            }
            (false, CardStage::Reading | CardStage::Counting) => {
                self.stop(effects);
                self.trouble(Trouble::Removed, visit, effects)
            }
            _ => Next::Stay,
        }
    }

    /// The card on which the tries were counted may not be here.
    fn taken_up(&mut self, visit: &mut Visit, kiosk: &KioskState, effects: &mut Effects) -> Next {
        self.card_moved(visit, kiosk, effects)
    }

    fn work(&self) -> Option<Work> {
        let works = matches!(self.stage, CardStage::Counting | CardStage::Reading);
        works.then_some(Work::Online)
    }
}

/// The way on without the card: by name, since signing has other ways.
fn without_words(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::Identify => "card.without",
        Purpose::Sign => "card.sign-without",
    }
}

fn without(purpose: Purpose) -> Choice {
    Choice::new(ChoiceId::GoOnWithout, Text::key(without_words(purpose)))
}

fn place_body(purpose: Purpose) -> Body {
    Body::CardPlace(CardPlaceBody {
        title: Text::key("card.place.title"),
        lead: Text::key("card.place.lead"),
        choices: vec![without(purpose)],
    })
}

fn counting_body() -> Body {
    Body::Working(WorkingBody {
        title: Text::key("card.counting.title"),
        stages: stages(
            &["card.stage.found", "card.stage.tries", "card.stage.pin"],
            1,
        ),
        lead: Some(Text::key("card.leave_it")),
        choices: vec![Choice::new(
            ChoiceId::GoOnWithout,
            Text::key("button.cancel"),
        )],
    })
}

fn reading_body(purpose: Purpose) -> Body {
    let titles: &[&'static str] = match purpose {
        Purpose::Identify => &["card.stage.typed", "card.stage.read", "card.stage.town"],
        Purpose::Sign => &["card.stage.typed", "card.stage.confirm"],
    };
    Body::Working(WorkingBody {
        title: Text::key("card.reading.title"),
        stages: stages(titles, 1),
        lead: Some(Text::key("card.leave_it")),
        choices: Vec::new(),
    })
}

fn last_try_body(purpose: Purpose, left: Option<u8>, wrong: bool) -> Body {
    let title = match (left, wrong) {
        (None, _) => "card.last.title-unknown",
        (Some(_), true) => "card.last.title-wrong",
        (Some(_), false) => "card.last.title",
    };
    Explain::new(Tone::Warning, "warning", title)
        .line("card.last.blocks")
        .line("card.last.advice")
        .choice(ChoiceId::GoOnWithout, without_words(purpose))
        .choice(ChoiceId::SpendLastTry, "card.last.insist")
        .code("C-10")
        .body()
}

fn trouble_body(purpose: Purpose, trouble: Trouble) -> Body {
    let page = match trouble {
        Trouble::Blocked => Explain::new(Tone::Problem, "lock", "card.blocked.title")
            .line("card.blocked.where")
            .line("card.blocked.on")
            .code("C-11"),
        Trouble::Removed => Explain::new(Tone::Warning, "card-locked", "card.removed.title")
            .line("card.nothing_lost")
            .line("card.removed.do")
            .choice(ChoiceId::Retry, "card.retry")
            .code("C-12"),
        Trouble::Changed => Explain::new(Tone::Warning, "card-locked", "card.changed.title")
            .line("card.nothing_lost")
            .line("card.changed.do")
            .choice(ChoiceId::Retry, "card.retry")
            .code("C-13"),
        Trouble::Silent => Explain::new(Tone::Warning, "clock", "card.silent.title")
            .line("card.nothing_lost")
            .line("card.silent.do")
            .choice(ChoiceId::Retry, "card.retry")
            .code("C-14"),
        Trouble::Unreadable => Explain::new(Tone::Problem, "card-locked", "card.unreadable.title")
            .line("card.unreadable.why")
            .line("card.unreadable.do")
            .choice(ChoiceId::Retry, "card.retry")
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
            .choice(ChoiceId::Retry, "card.retry")
            .code("C-17"),
    };
    page.choice(ChoiceId::GoOnWithout, without_words(purpose))
        .body()
}

const _: () = assert!(DIGITS == 4, "the pad draws four places");
