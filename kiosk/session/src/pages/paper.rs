//! Stored first, printed then: forms one by one, the receipt last. A printer's trouble loses nothing.

use std::sync::Arc;

use guidance::document::Counter;
use serde::{Deserialize, Serialize};

use crate::choice_id::ChoiceId;
use crate::effect::{Indication, PrintProblem, Reply, Request, StaffReason};
use crate::effects::Effects;
use crate::kiosk_state::KioskState;
use crate::next::Next;
use crate::page::{Explain, Page, PageState, Work, stages};
use crate::screen::{Body, Choice, DoneBody, Stage, StageState, Step, Tone, WorkingBody};
use crate::text::Text;
use crate::touch::Touch;
use crate::visit::{Sheet, Visit};

/// How far storing and printing are.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) enum Paper {
    /// Being sealed and stored.
    Storing,
    /// It could not be stored; nothing was printed.
    NotStored,
    /// A paper is being printed.
    Printing,
    /// The printer needs hands.
    Trouble(PrintProblem),
    /// Everything is out, or was left to staff.
    Done,
}

impl Paper {
    /// Seals and stores what the resident confirmed.
    pub(crate) fn store(visit: &mut Visit, kiosk: &KioskState, effects: &mut Effects) -> Self {
        let application = visit.application(&kiosk.town, &kiosk.display.language);
        let application = Arc::new(application);
        visit.printing.set_application(Arc::clone(&application));
        effects.ask(Request::Store(application));
        Self::Storing
    }

    fn turn(&mut self, to: Self) -> Next {
        *self = to;
        Next::Turned
    }

    fn not_stored(&mut self, visit: &mut Visit, effects: &mut Effects) -> Next {
        visit.printing.not_stored();
        call_once(StaffReason::Storage, visit, effects);
        self.turn(Self::NotStored)
    }

    fn stored(&mut self, reception: String, visit: &mut Visit, effects: &mut Effects) -> Next {
        if visit.printing.stored(reception) {
            self.print_next(visit, effects)
        } else {
            self.not_stored(visit, effects)
        }
    }

    fn print_next(&mut self, visit: &mut Visit, effects: &mut Effects) -> Next {
        match visit.printing.next_sheet() {
            Some(sheet) => self.print(sheet, visit, effects),
            None => {
                effects.indicate(Indication::TakeAway);
                self.turn(Self::Done)
            }
        }
    }

    fn print(&mut self, sheet: Sheet, visit: &mut Visit, effects: &mut Effects) -> Next {
        let Some(application) = visit.printing.application().cloned() else {
            return self.not_stored(visit, effects);
        };
        effects.ask(match sheet {
            Sheet::Form(form) => Request::PrintForm { application, form },
            Sheet::Plan => Request::PrintPlan(application),
            Sheet::Receipt => Request::PrintReceipt(application),
        });
        self.turn(Self::Printing)
    }

    fn print_failed(
        &mut self,
        problem: PrintProblem,
        visit: &mut Visit,
        effects: &mut Effects,
    ) -> Next {
        call_once(StaffReason::Printer, visit, effects);
        self.turn(Self::Trouble(problem))
    }

    fn end_sheet(&mut self, end: StageState, visit: &mut Visit, effects: &mut Effects) -> Next {
        visit.printing.end_current(end);
        self.print_next(visit, effects)
    }

    fn choose(&mut self, id: &ChoiceId, visit: &mut Visit, effects: &mut Effects) -> Next {
        match (*self, id) {
            (Self::NotStored, ChoiceId::Retry) => Next::StoreAgain,
            (Self::NotStored, ChoiceId::BackToForms) => {
                visit.forms.set_reviewed(false);
                Next::FormsAgain
            }
            (Self::Trouble(_), ChoiceId::Retry) => match visit.printing.current_sheet() {
                Some(sheet) => self.print(sheet, visit, effects),
                None => self.print_next(visit, effects),
            },
            (Self::Trouble(_), ChoiceId::SkipPaper) => {
                self.end_sheet(StageState::Skipped, visit, effects)
            }
            (Self::Done, ChoiceId::PrintAgain) => {
                visit.printing.begin_again();
                self.print_next(visit, effects)
            }
            _ => Next::Ignored,
        }
    }
}

impl PageState for Paper {
    fn view(&self, visit: &Visit, kiosk: &KioskState) -> Page {
        match self {
            Self::Storing => Page::new(Step::Paper, storing_body()),
            Self::NotStored => Page::new(Step::Paper, not_stored_body()),
            Self::Printing => Page::new(Step::Paper, printing_body(visit, kiosk)),
            Self::Trouble(problem) => Page::new(Step::Paper, trouble_body(*problem, visit, kiosk)),
            Self::Done => Page::new(Step::Paper, done_body(visit, kiosk)).next("done.finish", true),
        }
    }

    fn touch(
        &mut self,
        touch: &Touch,
        visit: &mut Visit,
        _kiosk: &KioskState,
        effects: &mut Effects,
    ) -> Next {
        match (*self, touch) {
            (_, Touch::Choose(id)) => self.choose(id, visit, effects),
            (Self::Done, Touch::Next) => Next::Finished,
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
            Reply::Stored { reception } => self.stored(reception, visit, effects),
            Reply::StoreFailed => self.not_stored(visit, effects),
            Reply::Printed => self.end_sheet(StageState::Done, visit, effects),
            Reply::PrintFailed(problem) => self.print_failed(problem, visit, effects),
            _ => self.no_reply(visit, kiosk, effects),
        }
    }

    fn no_reply(&mut self, visit: &mut Visit, _kiosk: &KioskState, effects: &mut Effects) -> Next {
        match self {
            Self::Storing => self.not_stored(visit, effects),
            Self::Printing => self.print_failed(PrintProblem::Offline, visit, effects),
            Self::NotStored | Self::Trouble(_) | Self::Done => Next::Ignored,
        }
    }

    fn work(&self) -> Option<Work> {
        match self {
            Self::Storing => Some(Work::Online),
            Self::Printing => Some(Work::Printing),
            Self::NotStored | Self::Trouble(_) | Self::Done => None,
        }
    }
}

fn call_once(reason: StaffReason, visit: &mut Visit, effects: &mut Effects) {
    if visit.is_first_call(reason) {
        effects.call_staff(reason);
    }
}

fn printing_body(visit: &Visit, kiosk: &KioskState) -> Body {
    let stages = visit.printing.sheets().iter().map(|(sheet, state)| Stage {
        title: sheet_title(*sheet, visit, kiosk),
        state: *state,
    });
    Body::Working(WorkingBody {
        title: Text::key("paper.printing.title"),
        stages: stages.collect(),
        lead: Some(Text::key("paper.printing.lead")),
        choices: Vec::new(),
    })
}

fn sheet_title(sheet: Sheet, visit: &Visit, kiosk: &KioskState) -> Text {
    let index = match sheet {
        Sheet::Form(index) => index,
        Sheet::Plan => return Text::key("paper.plan"),
        Sheet::Receipt => return Text::key("paper.receipt"),
    };
    let used = visit.forms.uses().get(index);
    match used.and_then(|one| kiosk.town.forms.form(&one.form)) {
        Some(form) => Text::Words(form.title.clone()),
        None => Text::key("review.paper"),
    }
}

fn trouble_body(problem: PrintProblem, visit: &Visit, kiosk: &KioskState) -> Body {
    let (picture, title, hint, code) = match problem {
        PrintProblem::PaperOut => ("paper-out", "paper.out.title", "paper.out.do", "P-41"),
        PrintProblem::CoverOpen => ("cover-open", "paper.cover.title", "paper.cover.do", "P-42"),
        PrintProblem::Jam => ("jam", "paper.jam.title", "paper.jam.do", "P-43"),
        PrintProblem::Offline => (
            "printer-error",
            "paper.offline.title",
            "paper.offline.do",
            "P-44",
        ),
        PrintProblem::Format => (
            "printer-error",
            "paper.format.title",
            "paper.format.do",
            "P-46",
        ),
        PrintProblem::Fault => (
            "printer-error",
            "paper.fault.title",
            "paper.fault.do",
            "P-45",
        ),
    };
    let mut page = Explain::new(Tone::Warning, picture, title);
    if let Some(number) = visit.printing.reception() {
        let reception = Text::Plain(number.to_owned());
        page = page.text(Text::Key("paper.kept", vec![("reception", reception)]));
    }
    if let Some(sheet) = visit.printing.current_sheet() {
        let paper = sheet_title(sheet, visit, kiosk);
        page = page.text(Text::Key("paper.which", vec![("paper", paper)]));
    }
    page.line(hint)
        .choice(ChoiceId::Retry, "paper.retry")
        .choice(ChoiceId::SkipPaper, "paper.skip")
        .code(code)
        .body()
}

fn done_body(visit: &Visit, kiosk: &KioskState) -> Body {
    let mut lines = Vec::new();
    if visit.printing.any_skipped() {
        lines.push(Text::key("done.skipped"));
    }
    if !visit.forms.uses().is_empty() {
        lines.push(Text::key("done.hand_in"));
    }
    lines.extend(counters(visit, kiosk));
    if !kiosk.online {
        lines.push(Text::key("done.offline"));
    }
    let again = Choice::new(ChoiceId::PrintAgain, Text::key("done.again")).picture("printer");
    Body::Done(DoneBody {
        title: Text::key("done.title"),
        reception: visit.printing.reception().unwrap_or_default().to_owned(),
        lines,
        choices: vec![again],
    })
}

/// Where to go now, each counter once, in the order of the stored plan.
fn counters(visit: &Visit, kiosk: &KioskState) -> Vec<Text> {
    let stored = visit.printing.application().into_iter();
    let mut seen: Vec<&str> = Vec::new();
    for line in stored.flat_map(|application| &application.plan.lines) {
        if !seen.contains(&line.counter.as_str()) {
            seen.push(&line.counter);
        }
    }
    let counters = seen.into_iter();
    let counters = counters.filter_map(|id| kiosk.town.catalogue.counter(id));
    let here = counters.filter(|one| one.number > 0);
    let counter = |one: &Counter| {
        let number = Text::Plain(one.number.to_string());
        let title = Text::Words(one.title.clone());
        Text::Key("done.counter", vec![("number", number), ("title", title)])
    };
    here.take(4).map(counter).collect()
}

fn storing_body() -> Body {
    Body::Working(WorkingBody {
        title: Text::key("paper.storing.title"),
        stages: stages(
            &[
                "paper.stage.keep",
                "paper.stage.print",
                "paper.stage.receipt",
            ],
            0,
        ),
        lead: Some(Text::key("paper.storing.lead")),
        choices: Vec::new(),
    })
}

fn not_stored_body() -> Body {
    Explain::new(Tone::Problem, "error", "paper.not_stored.title")
        .line("paper.not_stored.here")
        .line("paper.not_stored.do")
        .choice(ChoiceId::Retry, "paper.not_stored.retry")
        .choice(ChoiceId::BackToForms, "paper.not_stored.back")
        .code("S-40")
        .body()
}
