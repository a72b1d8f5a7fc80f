//! Asking once for the household what several persons would be asked the same.
//!
//! 「どなたですか」 where few say yes: those marked say yes, or are asked next which of the other answers it is. 「皆さん
//! 同じですか」 where one answer mostly holds for everybody: one touch answers for all, "it differs" goes on one by one.
//! Which persons are asked about is guidance's matter: only those whose answer is unknown and would change the plan.

use guidance::{
    FactId, FactPath, FactValue, Question, QuestionKind, SharedAnswer, Subject, Together, Words,
};

use crate::screen::{Body, Choice};
use crate::session::Session;
use crate::text::Text;

/// Answer of a person whom a question for the household does not concern.
const NONE: FactValue = FactValue::Choice("none");

/// How the interview stands, besides the facts. Kept before every answer, so that "back" finds it again.
#[derive(Clone, Default)]
pub(crate) struct Turns {
    /// Facts that the resident does not know.
    pub(crate) skipped: Vec<FactPath>,
    /// Facts about which the persons differ: asked one by one.
    apart: Vec<FactId>,
    /// Persons marked for whom the answer itself is still to be told.
    telling: Vec<FactPath>,
    /// An answer for everybody that still needs to know for whom it is the one and for whom the other.
    split: Option<(FactId, usize)>,
}

/// What stands on a question page.
pub(crate) enum Asking<'a> {
    /// One question, about one person or about nobody.
    One(&'a Question),
    /// Which of the answers it is, of somebody who was marked.
    Which(&'a Question),
    /// For whom?
    Who(&'a Words, Vec<&'a Question>),
    /// The same for everybody?
    Same(&'a Words, &'a [SharedAnswer], Vec<&'a Question>),
    /// For whom is it the one, for the rest the other?
    Split(&'a SharedAnswer, Vec<&'a Question>),
}

impl Session {
    /// What to ask now: what was begun first, then guidance's first question, with all whom it would ask the same.
    pub(crate) fn asking(&self) -> Option<Asking<'_>> {
        let open = &self.visit.questions;
        let turns = &self.visit.turns;
        let mut telling = turns.telling.iter();
        if let Some(question) =
            telling.find_map(|path| open.iter().find(|question| question.fact == *path))
        {
            return Some(Asking::Which(question));
        }
        let first = open.first()?;
        let alike = |other: &&Question| {
            other.fact.fact == first.fact.fact && person_of(&other.fact).is_some()
        };
        let group: Vec<&Question> = open.iter().filter(alike).collect();
        if group.len() < 2 || turns.apart.contains(&first.fact.fact) {
            return Some(Asking::One(first));
        }
        Some(match &first.together {
            None => Asking::One(first),
            Some(Together::Who(title)) => Asking::Who(title, group),
            Some(Together::Same { title, answers }) => {
                let half = turns.split.filter(|(fact, _)| *fact == first.fact.fact);
                match half.and_then(|(_, index)| answers.get(index)) {
                    Some(answer) => Asking::Split(answer, group),
                    None => Asking::Same(title, answers, group),
                }
            }
        })
    }

    /// A page with everybody of the group, to be marked.
    pub(crate) fn group_body(&self, title: &Words, group: &[&Question]) -> Option<Body> {
        let first = group.first()?;
        let choices = group.iter().filter_map(|one| {
            let id = person_of(&one.fact)?;
            let choice = Choice::new(format!("person:{id}"), self.person(id));
            Some(choice.picture("person").chosen(self.is_marked(id)))
        });
        Some(Body::Choices {
            title: Text::Words(title.clone()),
            lead: Some(Text::key("question.group_lead")),
            picture: None,
            choices: choices.collect(),
            many: true,
            why: Some(self.reason(first)),
        })
    }

    /// A page with the answers that can hold for everybody of the group.
    pub(crate) fn same_body(
        &self,
        title: &Words,
        answers: &[SharedAnswer],
        group: &[&Question],
    ) -> Option<Body> {
        let first = group.first()?;
        let offered = answers.iter().enumerate();
        let mut choices: Vec<Choice> = offered
            .map(|(index, answer)| {
                Choice::new(format!("same:{index}"), Text::Words(answer.label.clone()))
            })
            .collect();
        choices.push(Choice::new("apart", Text::key("question.apart")));
        choices.push(Choice::new("unknown", Text::key("question.unknown")));
        let ids = group.iter().filter_map(|one| person_of(&one.fact));
        let names = Text::List(ids.map(|id| self.person(id)).collect());
        Some(Body::Choices {
            title: Text::Words(title.clone()),
            lead: Some(Text::Key("question.shared_lead", vec![("who", names)])),
            picture: None,
            choices,
            many: false,
            why: Some(self.reason(first)),
        })
    }

    fn is_marked(&self, id: &str) -> bool {
        self.visit.entry.marked.iter().any(|marked| marked == id)
    }

    /// Takes the marks of a who-question. Somebody marked who can give several answers is asked for theirs next.
    pub(crate) fn take_who(&mut self) {
        let Some(Asking::Who(_, group)) = self.asking() else {
            return;
        };
        let (mut answers, mut telling) = (Vec::new(), Vec::new());
        for one in group {
            let marked = person_of(&one.fact).is_some_and(|id| self.is_marked(id));
            match (marked, &one.kind) {
                (_, QuestionKind::YesNo) => {
                    answers.push((one.fact.clone(), FactValue::Flag(marked)))
                }
                (false, _) => answers.push((one.fact.clone(), NONE)),
                (true, kind) => match others(kind).as_slice() {
                    [only] => answers.push((one.fact.clone(), *only)),
                    _ => telling.push(one.fact.clone()),
                },
            }
        }
        self.answer(answers, |turns| turns.telling = telling);
    }

    /// Takes an answer for everybody, or notes that the persons differ.
    pub(crate) fn take_same(&mut self, id: &str) {
        let Some(Asking::Same(_, shared, group)) = self.asking() else {
            return;
        };
        let paths: Vec<FactPath> = group.iter().map(|one| one.fact.clone()).collect();
        let Some(fact) = paths.first().map(|path| path.fact) else {
            return;
        };
        let index = id
            .strip_prefix("same:")
            .and_then(|index| index.parse().ok());
        let answer = index.and_then(|index: usize| Some((index, shared.get(index)?)));
        match (id, answer) {
            ("apart", _) => self.answer(Vec::new(), |turns| turns.apart.push(fact)),
            ("unknown", _) => self.answer(Vec::new(), |turns| turns.skipped.extend(paths)),
            (_, Some((index, answer))) if answer.rest.is_some() => {
                self.answer(Vec::new(), |turns| turns.split = Some((fact, index)));
            }
            (_, Some((_, answer))) => {
                let value = answer.value;
                let answers = paths.into_iter().map(|path| (path, value)).collect();
                self.answer(answers, |_| {});
            }
            _ => {}
        }
    }

    /// Takes the marks of a split: the one answer for those marked, the other for the rest.
    pub(crate) fn take_split(&mut self) {
        let Some(Asking::Split(answer, group)) = self.asking() else {
            return;
        };
        let Some((_, rest)) = answer.rest else { return };
        let value = |one: &&Question| {
            let marked = person_of(&one.fact).is_some_and(|id| self.is_marked(id));
            let value = if marked { answer.value } else { rest };
            (one.fact.clone(), value)
        };
        let answers = group.iter().map(value).collect();
        self.answer(answers, |turns| turns.split = None);
    }
}

/// The person of a fact's path.
pub(crate) fn person_of(path: &FactPath) -> Option<&str> {
    match &path.subject {
        Subject::Person(id) => Some(id),
        Subject::Event | Subject::Household => None,
    }
}

/// Every answer but "none".
fn others(kind: &QuestionKind) -> Vec<FactValue> {
    match kind {
        QuestionKind::Choice(answers) => {
            let values = answers.iter().map(|answer| answer.value);
            values.filter(|value| *value != NONE).collect()
        }
        _ => Vec::new(),
    }
}
