//! The housing was opened: the kiosk is closed until staff have looked at it. No card is read and no resident's PIN asked for here; with the
//! housing shut again, staff open the kiosk by their own number.

use crate::choice_id::ChoiceId;
use crate::effect::{ReopenProblem, Reply, Request};
use crate::effects::Effects;
use crate::kiosk_state::KioskState;
use crate::next::Next;
use crate::page::{Explain, Page, PageState, Work};
use crate::pin::{PLAIN_KEYS, Pin, STAFF_DIGITS, shuffled_keys};
use crate::screen::{Body, Choice, PinPadBody, Tone, WorkingBody};
use crate::text::Text;
use crate::touch::Touch;
use crate::visit::Visit;

/// The closed kiosk. Holds nothing of a resident.
pub(crate) struct Closed {
    stage: ClosedStage,
    /// Papers of the visit that was ended may still lie in their trays.
    papers: bool,
    /// Order of the keys.
    keys: [u8; PLAIN_KEYS.len()],
    pin: Pin,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum ClosedStage {
    /// What residents see; perhaps with why the kiosk was not opened.
    Told(Option<ReopenProblem>),
    /// Staff type their number; perhaps after a wrong one, with the tries left.
    Number { wrong: Option<u8> },
    /// The number is being compared.
    Checking,
}

impl Closed {
    pub(crate) fn begin(papers: bool) -> Self {
        Self {
            stage: ClosedStage::Told(None),
            papers,
            keys: PLAIN_KEYS,
            pin: Pin::with_digits(STAFF_DIGITS),
        }
    }

    /// The switch of the housing has moved: an open one ends whatever staff were doing on the screen.
    pub(crate) fn housing_moved(&mut self, open: bool, effects: &mut Effects) {
        if open {
            effects.give_up();
            self.tell(None);
        }
    }

    fn tell(&mut self, problem: Option<ReopenProblem>) -> Next {
        self.pin.clear();
        self.turn(ClosedStage::Told(problem))
    }

    fn turn(&mut self, stage: ClosedStage) -> Next {
        self.stage = stage;
        Next::Turned
    }

    fn choose(&mut self, id: &ChoiceId, kiosk: &KioskState) -> Next {
        match (self.stage, id) {
            (ClosedStage::Told(_), ChoiceId::Staff) if !kiosk.housing_open => {
                self.turn(ClosedStage::Number { wrong: None })
            }
            (ClosedStage::Number { .. }, ChoiceId::ShuffleKeys) => {
                self.pin.clear();
                self.keys = shuffled_keys(kiosk.now.as_nanosecond().unsigned_abs() as u64);
                Next::Stay
            }
            _ => Next::Ignored,
        }
    }

    fn send(&mut self, effects: &mut Effects) -> Next {
        let Some(pin) = self.pin.take() else {
            return Next::Ignored;
        };
        effects.ask(Request::Reopen { pin });
        self.turn(ClosedStage::Checking)
    }

    fn told_body(&self, kiosk: &KioskState, problem: Option<ReopenProblem>) -> Body {
        let page = Explain::new(Tone::Problem, "lock", "closed.title");
        let mut page = match problem {
            // Staff stand here: what residents are to do would only push the answer off the screen.
            Some(problem) => page.line(problem_words(problem)),
            None if self.papers || kiosk.card_present => {
                page.line("closed.called").line("closed.take")
            }
            None => page.line("closed.called").line("closed.nothing_kept"),
        };
        if !kiosk.housing_open {
            page = page.choice(ChoiceId::Staff, "closed.staff");
        }
        page.code("T-50").body()
    }

    fn number_body(&self, wrong: Option<u8>) -> Body {
        Body::PinPad(PinPadBody {
            title: Text::key("closed.number.title"),
            lead: Text::key("closed.number.lead"),
            tries_left: wrong,
            digits: STAFF_DIGITS,
            typed: self.pin.typed(),
            keys: self.keys,
            problem: wrong.map(|_| Text::key("closed.number.wrong")),
            choices: vec![
                Choice::new(ChoiceId::ShuffleKeys, Text::key("card.pin.shuffle"))
                    .picture("shuffle"),
            ],
        })
    }
}

fn problem_words(problem: ReopenProblem) -> &'static str {
    match problem {
        ReopenProblem::WrongNumber { .. } | ReopenProblem::Later => "closed.not.later",
        ReopenProblem::HousingOpen => "closed.not.open",
        ReopenProblem::NoNumber => "closed.not.number",
        ReopenProblem::Storage => "closed.not.storage",
    }
}

impl PageState for Closed {
    fn view(&self, _visit: &Visit, kiosk: &KioskState) -> Page {
        match self.stage {
            ClosedStage::Told(problem) => Page::outside(self.told_body(kiosk, problem)),
            ClosedStage::Number { wrong } => {
                Page::outside(self.number_body(wrong)).next("button.ok", self.pin.is_whole())
            }
            ClosedStage::Checking => Page::outside(Body::Working(WorkingBody {
                title: Text::key("closed.checking"),
                stages: Vec::new(),
                lead: None,
                choices: Vec::new(),
            })),
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
            (_, Touch::Choose(id)) => self.choose(id, kiosk),
            (ClosedStage::Number { .. }, Touch::Pin(digit)) => {
                self.pin.push(*digit);
                Next::Stay
            }
            (ClosedStage::Number { .. }, Touch::PinErase) => {
                self.pin.erase();
                Next::Stay
            }
            (ClosedStage::Number { .. }, Touch::Back) => self.tell(None),
            (ClosedStage::Number { .. }, Touch::Next) => self.send(effects),
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
            Reply::Reopened => Next::Reopened,
            Reply::NotReopened(ReopenProblem::WrongNumber { left }) => {
                self.turn(ClosedStage::Number { wrong: Some(left) })
            }
            Reply::NotReopened(problem) => self.tell(Some(problem)),
            _ => self.no_reply(visit, kiosk, effects),
        }
    }

    fn no_reply(&mut self, _: &mut Visit, _: &KioskState, _: &mut Effects) -> Next {
        self.tell(Some(ReopenProblem::Storage))
    }

    /// Nobody touched anything for a while: digits that somebody has left are wiped.
    fn tick(&mut self, _kiosk: &KioskState, _effects: &mut Effects) -> Next {
        self.tell(None)
    }

    fn work(&self) -> Option<Work> {
        (self.stage == ClosedStage::Checking).then_some(Work::Online)
    }
}
