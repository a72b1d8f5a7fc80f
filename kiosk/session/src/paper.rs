//! Stored first, printed then: forms one by one, the receipt last. A printer's trouble loses nothing.

use std::sync::Arc;

use application::{APPLICATION_VERSION, Application};
use guidance::Plan;

use crate::effect::{Indication, PrintProblem, Request, StaffReason};
use crate::forms::Forms;
use crate::page::{Explain, Page, stages};
use crate::place::Place;
use crate::screen::{Body, Choice, Stage, StageState, Step, Tone};
use crate::session::Session;
use crate::text::Text;
use crate::touch::Touch;

/// Where in storing and printing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
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

/// One paper.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Sheet {
    Form(usize),
    Plan,
    Receipt,
}

/// With more lines than this the plan comes on A4 too: a receipt of so many lines is half a metre long, and nobody finds
/// their way through it by counter.
const LINES_OF_A_RECEIPT: usize = 4;

/// The papers of a visit, in the order in which they come out.
#[derive(Default)]
pub(crate) struct PrintQueue {
    sheets: Vec<(Sheet, StageState)>,
    printed: bool,
}

impl PrintQueue {
    fn of(forms: usize, lines: usize) -> Self {
        let plan = (lines > LINES_OF_A_RECEIPT).then_some(Sheet::Plan);
        let sheets = (0..forms)
            .map(Sheet::Form)
            .chain(plan)
            .chain([Sheet::Receipt]);
        Self {
            sheets: sheets.map(|sheet| (sheet, StageState::Next)).collect(),
            printed: false,
        }
    }

    /// A paper lies in a tray.
    pub(crate) fn any_printed(&self) -> bool {
        self.printed
    }

    fn next(&mut self) -> Option<Sheet> {
        let (sheet, state) = self
            .sheets
            .iter_mut()
            .find(|(_, state)| *state == StageState::Next)?;
        *state = StageState::Now;
        Some(*sheet)
    }

    fn current(&self) -> Option<Sheet> {
        self.sheets
            .iter()
            .find(|(_, state)| *state == StageState::Now)
            .map(|(sheet, _)| *sheet)
    }

    fn end_current(&mut self, state: StageState) {
        if let Some((_, now)) = self
            .sheets
            .iter_mut()
            .find(|(_, now)| *now == StageState::Now)
        {
            *now = state;
            self.printed |= state == StageState::Done;
        }
    }

    fn again(&mut self) {
        self.sheets
            .iter_mut()
            .for_each(|(_, state)| *state = StageState::Next);
    }

    fn any_skipped(&self) -> bool {
        self.sheets
            .iter()
            .any(|(_, state)| *state == StageState::Skipped)
    }
}

impl Session {
    /// Everything said, as it stands. The app gives it an id; the reception number comes with [`Reply::Stored`].
    ///
    /// [`Reply::Stored`]: crate::effect::Reply::Stored
    pub(crate) fn application(&self) -> Application {
        let visit = &self.visit;
        let facts = visit.facts.as_ref();
        let here = facts.and_then(|facts| {
            let holder = facts.persons().find(|id| *id == crate::household::HOLDER);
            holder.map(str::to_owned)
        });
        Application {
            version: APPLICATION_VERSION,
            id: String::new(),
            tenant: self.town.tenant.clone(),
            kiosk: self.town.kiosk.clone(),
            reception: None,
            as_of: visit.today,
            event: facts.map_or("", guidance::Facts::event_kind).to_owned(),
            language: self.look.language.0.clone(),
            applicant: here,
            facts: facts.map(guidance::Facts::to_value).unwrap_or_default(),
            plan: match &visit.plan {
                Some(plan) => self.agreed(plan),
                None => Plan::empty(visit.today),
            },
            forms: visit.uses.clone(),
            forms_edition: self.town.forms_edition.clone(),
            values: visit.values.clone(),
            signature: visit.signature.clone().unwrap_or_default(),
            card: visit.card_check,
            notes: visit.notes.clone(),
        }
    }

    /// Seals and stores. Nothing is stored that the resident did not confirm.
    pub(crate) fn store(&mut self) {
        if !self.visit.reviewed {
            return self.review();
        }
        let application = Arc::new(self.application());
        self.visit.application = Some(Arc::clone(&application));
        self.ask(Request::Store(application));
        self.go(Place::Paper(Paper::Storing));
    }

    pub(crate) fn store_failed(&mut self) {
        self.visit.application = None;
        self.call_staff_once(StaffReason::Storage);
        self.go(Place::Paper(Paper::NotStored));
    }

    pub(crate) fn stored(&mut self, reception: String) {
        let Some(application) = self.visit.application.take() else {
            return self.store_failed();
        };
        let mut stored = Arc::unwrap_or_clone(application);
        stored.reception = Some(reception);
        self.visit.queue = PrintQueue::of(stored.forms.len(), stored.plan.lines.len());
        self.visit.application = Some(Arc::new(stored));
        self.print_next();
    }

    fn print_next(&mut self) {
        match self.visit.queue.next() {
            Some(sheet) => self.print(sheet),
            None => self.finished(),
        }
    }

    fn print(&mut self, sheet: Sheet) {
        let Some(application) = self.visit.application.clone() else {
            return self.store_failed();
        };
        match sheet {
            Sheet::Form(form) => self.ask(Request::PrintForm { application, form }),
            Sheet::Plan => self.ask(Request::PrintPlan(application)),
            Sheet::Receipt => self.ask(Request::PrintReceipt(application)),
        }
        self.go(Place::Paper(Paper::Printing));
    }

    fn finished(&mut self) {
        self.indicate(Indication::TakeAway);
        self.go(Place::Paper(Paper::Done));
    }

    pub(crate) fn printed(&mut self) {
        self.visit.queue.end_current(StageState::Done);
        self.print_next();
    }

    pub(crate) fn print_failed(&mut self, problem: PrintProblem) {
        self.call_staff_once(StaffReason::Printer);
        self.go(Place::Paper(Paper::Trouble(problem)));
    }

    pub(crate) fn paper_page(&self, paper: &Paper) -> Page {
        match paper {
            Paper::Storing => Page::new(Step::Paper, storing_body()),
            Paper::NotStored => Page::new(Step::Paper, not_stored_body()),
            Paper::Printing => Page::new(Step::Paper, self.printing_body()),
            Paper::Trouble(problem) => Page::new(Step::Paper, self.trouble_body(*problem)),
            Paper::Done => Page::new(Step::Paper, self.done_body()).next("done.finish", true),
        }
    }

    fn printing_body(&self) -> Body {
        let stages = self.visit.queue.sheets.iter().map(|(sheet, state)| Stage {
            title: self.sheet_title(*sheet),
            state: *state,
        });
        Body::Working {
            title: Text::key("paper.printing.title"),
            stages: stages.collect(),
            lead: Some(Text::key("paper.printing.lead")),
            choices: Vec::new(),
        }
    }

    fn sheet_title(&self, sheet: Sheet) -> Text {
        let index = match sheet {
            Sheet::Form(index) => index,
            Sheet::Plan => return Text::key("paper.plan"),
            Sheet::Receipt => return Text::key("paper.receipt"),
        };
        let form = self
            .visit
            .uses
            .get(index)
            .and_then(|one| self.town.forms.form(&one.form));
        form.map_or_else(
            || Text::key("review.paper"),
            |form| Text::Words(form.title.clone()),
        )
    }

    fn trouble_body(&self, problem: PrintProblem) -> Body {
        let (picture, title, hint, code) = match problem {
            PrintProblem::PaperOut => ("paper-out", "paper.out.title", "paper.out.do", "P-41"),
            PrintProblem::CoverOpen => {
                ("cover-open", "paper.cover.title", "paper.cover.do", "P-42")
            }
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
        if let Some(number) = self.reception() {
            page = page.text(Text::Key(
                "paper.kept",
                vec![("reception", Text::Plain(number))],
            ));
        }
        let sheet = self
            .visit
            .queue
            .current()
            .map(|sheet| self.sheet_title(sheet));
        if let Some(sheet) = sheet {
            page = page.text(Text::Key("paper.which", vec![("paper", sheet)]));
        }
        page.line(hint)
            .choice("retry", "paper.retry")
            .choice("skip", "paper.skip")
            .code(code)
            .body()
    }

    fn reception(&self) -> Option<String> {
        self.visit
            .application
            .as_ref()
            .and_then(|application| application.reception.clone())
    }

    fn done_body(&self) -> Body {
        let mut lines = Vec::new();
        if self.visit.queue.any_skipped() {
            lines.push(Text::key("done.skipped"));
        }
        if !self.visit.uses.is_empty() {
            lines.push(Text::key("done.hand_in"));
        }
        lines.extend(self.counters());
        if !self.online {
            lines.push(Text::key("done.offline"));
        }
        Body::Done {
            title: Text::key("done.title"),
            reception: self.reception().unwrap_or_default(),
            lines,
            choices: vec![Choice::new("again", Text::key("done.again")).picture("printer")],
        }
    }

    /// Where to go now, each counter once, in the plan's order.
    fn counters(&self) -> Vec<Text> {
        let mut seen: Vec<&str> = Vec::new();
        let stored = self.visit.application.iter();
        for line in stored.flat_map(|application| &application.plan.lines) {
            if !seen.contains(&line.counter.as_str()) {
                seen.push(&line.counter);
            }
        }
        let here = seen
            .into_iter()
            .filter_map(|id| self.town.catalogue.counter(id))
            .filter(|one| one.number > 0);
        let counter = |one: &guidance::document::Counter| {
            let number = Text::Plain(one.number.to_string());
            Text::Key(
                "done.counter",
                vec![
                    ("number", number),
                    ("title", Text::Words(one.title.clone())),
                ],
            )
        };
        here.take(4).map(counter).collect()
    }

    pub(crate) fn paper_touch(&mut self, touch: &Touch) {
        let Place::Paper(paper) = &self.place else {
            return;
        };
        match (*paper, touch) {
            (Paper::NotStored, Touch::Choose(id)) if id == "retry" => self.store(),
            (Paper::NotStored, Touch::Choose(id)) if id == "back" => self.back_to_forms(),
            (Paper::Trouble(_), Touch::Choose(id)) if id == "retry" => {
                match self.visit.queue.current() {
                    Some(sheet) => self.print(sheet),
                    None => self.print_next(),
                }
            }
            (Paper::Trouble(_), Touch::Choose(id)) if id == "skip" => {
                self.visit.queue.end_current(StageState::Skipped);
                self.print_next();
            }
            (Paper::Done, Touch::Choose(id)) if id == "again" => {
                self.visit.queue.again();
                self.print_next();
            }
            (Paper::Done, Touch::Next) => self.forget(),
            _ => {}
        }
    }

    fn back_to_forms(&mut self) {
        self.visit.reviewed = false;
        if self.visit.uses.is_empty() {
            self.go(Place::Forms(Forms::Confirm));
        } else {
            self.review();
        }
    }
}

fn storing_body() -> Body {
    Body::Working {
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
    }
}

fn not_stored_body() -> Body {
    Explain::new(Tone::Problem, "error", "paper.not_stored.title")
        .line("paper.not_stored.here")
        .line("paper.not_stored.do")
        .choice("retry", "paper.not_stored.retry")
        .choice("back", "paper.not_stored.back")
        .code("S-40")
        .body()
}
