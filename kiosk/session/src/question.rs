//! Guidance's questions: only what is still unknown and would change the plan, each with its reason.

use guidance::{FactPath, FactValue, Question, QuestionKind, Subject};
use jiff::ToSpan;

use crate::date_pad::DateTyping;
use crate::details::problem_text;
use crate::entry::Entry;
use crate::page::Page;
use crate::place::Place;
use crate::screen::{Body, Choice, Pad, Step, Why};
use crate::session::Session;
use crate::text::Text;
use crate::touch::Touch;

/// Up to this number, a count is picked instead of typed.
const PICKED: i64 = 7;

impl Session {
    /// Looks for the next question; without one the plan is made.
    pub(crate) fn begin_questions(&mut self) {
        let Some(facts) = &self.visit.facts else {
            return self.choose_event();
        };
        let mut open = self.town.catalogue.questions(facts);
        open.retain(|question| !self.visit.skipped.contains(&question.fact));
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

    /// The persons about whom the first question can be asked all at once.
    fn group(&self) -> Option<Vec<&Question>> {
        let first = self.visit.questions.first()?;
        first.group_title.as_ref()?;
        let same = |other: &&Question| {
            other.fact.fact == first.fact.fact
                && other.kind == QuestionKind::YesNo
                && person_of(&other.fact).is_some()
        };
        let group: Vec<&Question> = self.visit.questions.iter().filter(same).collect();
        (group.len() > 1).then_some(group)
    }

    pub(crate) fn question_page(&self) -> Page {
        let Some(question) = self.visit.questions.first() else {
            return Page::new(
                Step::Questions,
                crate::page::Explain::new(crate::screen::Tone::Info, "info", "question.none")
                    .body(),
            )
            .back();
        };
        if let Some(group) = self.group() {
            let words = if self.visit.entry.marked.is_empty() {
                "question.nobody"
            } else {
                "button.next"
            };
            return Page::new(Step::Questions, self.group_body(question, &group))
                .back()
                .next(words, true);
        }
        let page = Page::new(Step::Questions, self.question_body(question)).back();
        match &question.kind {
            QuestionKind::Date => page.next("button.next", self.visit.entry.date.is_whole()),
            QuestionKind::Number { max } if *max > PICKED => page.next(
                "button.next",
                self.visit
                    .entry
                    .text
                    .parse::<i64>()
                    .is_ok_and(|n| n <= *max),
            ),
            _ => page,
        }
    }

    fn group_body(&self, question: &Question, group: &[&Question]) -> Body {
        let choices = group.iter().filter_map(|one| {
            let id = person_of(&one.fact)?;
            let chosen = self.visit.entry.marked.iter().any(|marked| marked == id);
            Some(
                Choice::new(format!("person:{id}"), self.person(id))
                    .picture("person")
                    .chosen(chosen),
            )
        });
        Body::Choices {
            title: Text::Words(question.group_title.clone().unwrap_or_default()),
            lead: Some(Text::key("question.group_lead")),
            picture: None,
            choices: choices.collect(),
            many: true,
            why: Some(self.reason(question)),
        }
    }

    fn question_body(&self, question: &Question) -> Body {
        let title = match person_of(&question.fact) {
            Some(id) => Text::WordsWith(question.title.clone(), vec![("person", self.person(id))]),
            None => Text::Words(question.title.clone()),
        };
        let not_known = Choice::new("unknown", Text::key("question.unknown"));
        match &question.kind {
            QuestionKind::Date => Body::Entry {
                title,
                lead: Some(Text::Words(question.why.clone())),
                pad: Pad::Date(
                    self.visit
                        .entry
                        .date
                        .pad(self.town.forms.eras(), &self.look.language),
                ),
                problem: self.visit.entry.problem.clone(),
                choices: vec![not_known],
            },
            QuestionKind::Number { max } if *max > PICKED => Body::Entry {
                title,
                lead: Some(Text::Words(question.why.clone())),
                pad: Pad::Digits {
                    text: self.visit.entry.text.clone(),
                    most: digits_of(*max),
                    hyphen: false,
                },
                problem: self.visit.entry.problem.clone(),
                choices: vec![not_known],
            },
            kind => {
                let mut choices = answers(kind);
                choices.push(not_known);
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

    fn reason(&self, question: &Question) -> Why {
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
        let Some(question) = self.visit.questions.first() else {
            return;
        };
        let fact = question.fact.clone();
        if id == "unknown" && self.group().is_none() {
            self.visit.skipped.push(fact.clone());
            self.visit.said.push(vec![fact]);
            self.begin_questions();
        } else if let Some(person) = id.strip_prefix("person:") {
            let offered = self
                .group()
                .is_some_and(|group| group.iter().any(|one| person_of(&one.fact) == Some(person)));
            if offered {
                toggle(&mut self.visit.entry.marked, person);
            }
        } else if let Some(era) = id
            .strip_prefix("era:")
            .filter(|_| question.kind == QuestionKind::Date)
        {
            self.visit.entry.date.choose_era(era);
        } else if self.group().is_none()
            && let Some(value) = value_of(&question.kind, id)
        {
            self.answer(vec![(fact, value)]);
        }
    }

    fn question_next(&mut self) {
        let Some(question) = self.visit.questions.first() else {
            return;
        };
        if let Some(group) = self.group() {
            let marked = |fact: &FactPath| {
                self.visit
                    .entry
                    .marked
                    .iter()
                    .any(|id| person_of(fact) == Some(id))
            };
            let answers = group
                .iter()
                .map(|one| (one.fact.clone(), FactValue::Flag(marked(&one.fact))))
                .collect();
            return self.answer(answers);
        }
        let fact = question.fact.clone();
        match &question.kind {
            QuestionKind::Date if self.visit.entry.date.is_whole() => self.answer_date(fact),
            QuestionKind::Number { max } => {
                let max = *max;
                if let Some(count) = self
                    .visit
                    .entry
                    .text
                    .parse()
                    .ok()
                    .filter(|n| (0..=max).contains(n))
                {
                    self.answer(vec![(fact, FactValue::Count(count))]);
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
            Ok(date) if date <= latest => self.answer(vec![(fact, FactValue::Date(date))]),
            Ok(_) => self.visit.entry.problem = Some(Text::key("date.problem.far")),
            Err(problem) => self.visit.entry.problem = Some(problem_text(&problem)),
        }
    }

    /// Takes answers to one page. A value that the fact does not take leaves it unasked rather than asking forever.
    fn answer(&mut self, answers: Vec<(FactPath, FactValue)>) {
        let mut said = Vec::new();
        for (path, value) in answers {
            if let Some(facts) = &mut self.visit.facts
                && facts.set(&path.to_string(), value).is_err()
            {
                self.visit.skipped.push(path.clone());
            }
            said.push(path);
        }
        self.visit.said.push(said);
        self.begin_questions();
    }

    /// Takes the last answer back and asks again.
    pub(crate) fn back_to_answer(&mut self) {
        let Some(said) = self.visit.said.pop() else {
            return self.back_to_details();
        };
        for path in &said {
            self.visit.skipped.retain(|skipped| skipped != path);
            if let Some(facts) = &mut self.visit.facts {
                facts.unset(path);
            }
        }
        self.begin_questions();
    }
}

fn person_of(path: &FactPath) -> Option<&str> {
    match &path.subject {
        Subject::Person(id) => Some(id),
        Subject::Event | Subject::Household => None,
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
