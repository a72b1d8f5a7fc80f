//! Guidance's questions: only what is still unknown and would change the plan, each with its reason.

use guidance::{FactPath, FactValue, Question, QuestionKind};
use jiff::ToSpan;

use crate::date_pad::DateTyping;
use crate::details::problem_text;
use crate::entry::Entry;
use crate::page::{Explain, Page};
use crate::place::Place;
use crate::screen::{Body, Choice, Pad, Step, Tone, Why};
use crate::session::Session;
use crate::text::Text;
use crate::together::{Asking, Turns, person_of};
use crate::touch::Touch;
use crate::visit::Said;

/// Up to this number, a count is picked instead of typed.
const PICKED: i64 = 7;

impl Session {
    /// Looks for the next question; without one the plan is made.
    pub(crate) fn begin_questions(&mut self) {
        let Some(facts) = &self.visit.facts else {
            return self.choose_event();
        };
        let mut open = self.town.catalogue.questions(facts);
        open.retain(|question| !self.visit.turns.skipped.contains(&question.fact));
        self.visit.questions = open;
        self.visit.entry = Entry::default();
        match self.visit.questions.first() {
            Some(question) => {
                if question.kind == QuestionKind::Date {
                    let era = self
                        .town
                        .forms
                        .eras()
                        .of(self.visit.today)
                        .map(|era| era.id.clone());
                    self.visit.entry.date = DateTyping::empty(era.as_deref(), false, true);
                }
                self.go(Place::Question);
            }
            None => self.make_plan(),
        }
    }

    pub(crate) fn question_page(&self) -> Page {
        let none = || Explain::new(Tone::Info, "info", "question.none").body();
        let asking = self.asking();
        let body = match &asking {
            None => None,
            Some(Asking::One(question)) => Some(self.question_body(question, true)),
            Some(Asking::Which(question)) => Some(self.question_body(question, false)),
            Some(Asking::Who(title, group)) => self.group_body(title, group),
            Some(Asking::Same(title, answers, group)) => self.same_body(title, answers, group),
            Some(Asking::Split(answer, group)) => answer
                .rest
                .as_ref()
                .and_then(|(title, _)| self.group_body(title, group)),
        };
        let page = Page::new(Step::Questions, body.unwrap_or_else(none)).back();
        match asking {
            Some(Asking::Who(..) | Asking::Split(..)) if self.visit.entry.marked.is_empty() => {
                page.next("question.nobody", true)
            }
            Some(Asking::Who(..) | Asking::Split(..)) => page.next("button.next", true),
            Some(Asking::One(question)) => self.typed_next(page, &question.kind),
            _ => page,
        }
    }

    /// What is typed needs a touch to go on; what is chosen goes on by itself.
    fn typed_next(&self, page: Page, kind: &QuestionKind) -> Page {
        let entry = &self.visit.entry;
        match kind {
            QuestionKind::Date => page.next("button.next", entry.date.is_whole()),
            QuestionKind::Number { max } if *max > PICKED => page.next(
                "button.next",
                entry.text.parse::<i64>().is_ok_and(|n| n <= *max),
            ),
            _ => page,
        }
    }

    fn question_title(&self, question: &Question) -> Text {
        let Some(id) = person_of(&question.fact) else {
            return Text::Words(question.title.clone());
        };
        let words = if self.is_unnamed_self(id) {
            &question.title_self
        } else {
            &question.title
        };
        Text::WordsWith(words.clone(), vec![("person", self.person(id))])
    }

    /// `free`: "none" and "I do not know" are among the answers.
    fn question_body(&self, question: &Question, free: bool) -> Body {
        let title = self.question_title(question);
        let not_known = Choice::new("unknown", Text::key("question.unknown"));
        let entry = |pad: Pad| Body::Entry {
            title: title.clone(),
            lead: Some(Text::Words(question.why.clone())),
            pad,
            problem: self.visit.entry.problem.clone(),
            choices: vec![not_known.clone()],
        };
        match &question.kind {
            QuestionKind::Date => {
                let date = &self.visit.entry.date;
                entry(Pad::Date(
                    date.pad(self.town.forms.eras(), &self.look.language),
                ))
            }
            QuestionKind::Number { max } if *max > PICKED => entry(Pad::Digits {
                text: self.visit.entry.text.clone(),
                most: digits_of(*max),
                hyphen: false,
            }),
            kind => {
                let mut choices = answers(kind);
                if free {
                    choices.push(not_known);
                } else {
                    choices.retain(|choice| choice.id != "value:none");
                }
                Body::Choices {
                    title,
                    lead: None,
                    picture: None,
                    choices,
                    many: false,
                    why: Some(self.reason(question)),
                }
            }
        }
    }

    pub(crate) fn reason(&self, question: &Question) -> Why {
        let titles = question
            .changes
            .iter()
            .filter_map(|id| self.town.catalogue.procedure(id));
        Why {
            text: Text::Words(question.why.clone()),
            procedures: titles
                .map(|procedure| Text::Words(procedure.title.clone()))
                .collect(),
            open: self.visit.why_open,
        }
    }

    pub(crate) fn question_touch(&mut self, touch: &Touch) {
        match touch {
            Touch::Back => self.back_to_answer(),
            Touch::Choose(id) => self.question_choice(id),
            Touch::Key(key) => self.question_key(*key),
            Touch::Next => self.question_next(),
            _ => {}
        }
    }

    fn question_key(&mut self, key: crate::touch::Key) {
        let Some(question) = self.visit.questions.first() else {
            return;
        };
        self.visit.entry.problem = None;
        match &question.kind {
            QuestionKind::Date => self.visit.entry.date.press(key),
            QuestionKind::Number { max } if *max > PICKED => {
                let most = digits_of(*max);
                crate::pads::press_digit(&mut self.visit.entry.text, key, most, false);
            }
            _ => {}
        }
    }

    fn question_choice(&mut self, id: &str) {
        match self.asking() {
            None => {}
            Some(Asking::One(question)) => {
                let (fact, kind) = (question.fact.clone(), question.kind.clone());
                self.one_choice(fact, &kind, id);
            }
            Some(Asking::Which(question)) => {
                let fact = question.fact.clone();
                let value = value_of(&question.kind, id).filter(|_| id != "value:none");
                if let Some(value) = value {
                    self.answer(vec![(fact, value)], |_| {});
                }
            }
            Some(Asking::Who(_, group) | Asking::Split(_, group)) => {
                let person = id.strip_prefix("person:").unwrap_or_default();
                if group.iter().any(|one| person_of(&one.fact) == Some(person)) {
                    toggle(&mut self.visit.entry.marked, person);
                }
            }
            Some(Asking::Same(..)) => self.take_same(id),
        }
    }

    fn one_choice(&mut self, fact: FactPath, kind: &QuestionKind, id: &str) {
        if id == "unknown" {
            self.answer(Vec::new(), |turns| turns.skipped.push(fact));
        } else if let (QuestionKind::Date, Some(era)) = (kind, id.strip_prefix("era:")) {
            self.visit.entry.date.choose_era(era);
        } else if let Some(value) = value_of(kind, id) {
            self.answer(vec![(fact, value)], |_| {});
        }
    }

    fn question_next(&mut self) {
        match self.asking() {
            Some(Asking::Who(..)) => self.take_who(),
            Some(Asking::Split(..)) => self.take_split(),
            Some(Asking::One(question)) => {
                let (fact, kind) = (question.fact.clone(), question.kind.clone());
                self.take_typed(fact, &kind);
            }
            _ => {}
        }
    }

    fn take_typed(&mut self, fact: FactPath, kind: &QuestionKind) {
        match kind {
            QuestionKind::Date if self.visit.entry.date.is_whole() => self.answer_date(fact),
            QuestionKind::Number { max } => {
                let count: Option<i64> = self.visit.entry.text.parse().ok();
                if let Some(count) = count.filter(|n| (0..=*max).contains(n)) {
                    self.answer(vec![(fact, FactValue::Count(count))], |_| {});
                }
            }
            _ => {}
        }
    }

    fn answer_date(&mut self, fact: FactPath) {
        let eras = self.town.forms.eras();
        let date = self
            .visit
            .entry
            .date
            .date(eras)
            .and_then(|date| eras.to_date(&date));
        let latest = self
            .visit
            .today
            .checked_add(2.years())
            .unwrap_or(jiff::civil::Date::MAX);
        match date {
            Ok(date) if date <= latest => {
                self.answer(vec![(fact, FactValue::Date(date))], |_| {});
            }
            Ok(_) => self.visit.entry.problem = Some(Text::key("date.problem.far")),
            Err(problem) => self.visit.entry.problem = Some(problem_text(&problem)),
        }
    }

    /// Takes answers to one page, and what else changes in how the interview stands. A value that the fact does not
    /// take leaves it unasked rather than asking forever.
    pub(crate) fn answer(
        &mut self,
        answers: Vec<(FactPath, FactValue)>,
        turn: impl FnOnce(&mut Turns),
    ) {
        let before = self.visit.turns.clone();
        let mut paths = Vec::new();
        for (path, value) in answers {
            if let Some(facts) = &mut self.visit.facts
                && facts.set(&path.to_string(), value).is_err()
            {
                self.visit.turns.skipped.push(path.clone());
            }
            paths.push(path);
        }
        turn(&mut self.visit.turns);
        self.visit.said.push(Said { paths, before });
        self.begin_questions();
    }

    /// Takes the last answer back and asks again.
    pub(crate) fn back_to_answer(&mut self) {
        let Some(said) = self.visit.said.pop() else {
            return self.back_to_details();
        };
        self.visit.turns = said.before;
        if let Some(facts) = &mut self.visit.facts {
            for path in &said.paths {
                facts.unset(path);
            }
        }
        self.begin_questions();
    }
}

fn digits_of(max: i64) -> usize {
    max.to_string().len()
}

/// Marks or unmarks.
pub(crate) fn toggle(marked: &mut Vec<String>, id: &str) {
    match marked.iter().position(|one| one == id) {
        Some(at) => {
            marked.remove(at);
        }
        None => marked.push(id.to_owned()),
    }
}

fn answers(kind: &QuestionKind) -> Vec<Choice> {
    match kind {
        QuestionKind::YesNo => {
            vec![
                Choice::new("yes", Text::key("answer.yes")),
                Choice::new("no", Text::key("answer.no")),
            ]
        }
        QuestionKind::Choice(offered) => offered
            .iter()
            .map(|answer| {
                Choice::new(
                    format!("value:{}", answer.value),
                    Text::Words(answer.label.clone()),
                )
            })
            .collect(),
        QuestionKind::Number { max } => (0..=*max)
            .map(|n| Choice::new(format!("value:{n}"), Text::Plain(n.to_string())))
            .collect(),
        QuestionKind::Date => Vec::new(),
    }
}

fn value_of(kind: &QuestionKind, id: &str) -> Option<FactValue> {
    match (kind, id) {
        (QuestionKind::YesNo, "yes") => Some(FactValue::Flag(true)),
        (QuestionKind::YesNo, "no") => Some(FactValue::Flag(false)),
        (QuestionKind::Choice(offered), id) => {
            let word = id.strip_prefix("value:")?;
            offered
                .iter()
                .map(|answer| answer.value)
                .find(|value| value.to_string() == word)
        }
        (QuestionKind::Number { max }, id) => {
            let count = id.strip_prefix("value:")?.parse().ok()?;
            (0..=*max)
                .contains(&count)
                .then_some(FactValue::Count(count))
        }
        _ => None,
    }
}
