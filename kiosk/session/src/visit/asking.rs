//! Asking once for the household what several persons would be asked the same.
//!
//! 「どなたですか」 where few say yes: those marked say yes, or are asked next which of the other answers it is. 「皆さん
//! 同じですか」 where one answer mostly holds for everybody: one touch answers for all, "it differs" goes on one by one.
//! Which persons are asked is decided by guidance: only those whose answer is unknown and would change the plan.

use guidance::{
    FactPath, FactValue, Question, QuestionKind, SharedAnswer, Subject, Together, Words,
};
use serde::{Deserialize, Serialize};

use crate::visit::saved;

/// Answer of a person whom a question for the household does not concern.
pub(crate) const NONE: FactValue = FactValue::Choice("none");

/// How far the interview is, besides the facts. Kept before every answer, so that "back" finds it again.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct InterviewState {
    /// Facts that the resident does not know.
    #[serde(with = "saved::paths")]
    skipped: Vec<FactPath>,
    /// Facts about which the persons differ: asked one by one.
    #[serde(with = "saved::paths")]
    one_by_one: Vec<FactPath>,
    /// Persons marked whose answer itself is still to be given.
    #[serde(with = "saved::paths")]
    to_answer: Vec<FactPath>,
    /// An answer for everybody that still needs to know for whom it is the one and for whom the other.
    split: Option<Split>,
}

/// The answer at this place holds for some; who they are is asked next.
#[derive(Clone, Serialize, Deserialize)]
struct Split {
    /// The paths of everybody concerned.
    #[serde(with = "saved::paths")]
    paths: Vec<FactPath>,
    index: usize,
}

/// What a question page asks.
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

impl InterviewState {
    pub(crate) fn is_skipped(&self, path: &FactPath) -> bool {
        self.skipped.contains(path)
    }

    pub(crate) fn skip(&mut self, paths: impl IntoIterator<Item = FactPath>) {
        self.skipped.extend(paths);
    }

    pub(crate) fn ask_one_by_one(&mut self, paths: Vec<FactPath>) {
        self.one_by_one.extend(paths);
    }

    pub(crate) fn ask_next(&mut self, paths: Vec<FactPath>) {
        self.to_answer = paths;
    }

    pub(crate) fn split(&mut self, paths: Vec<FactPath>, index: usize) {
        self.split = Some(Split { paths, index });
    }

    pub(crate) fn end_split(&mut self) {
        self.split = None;
    }

    /// What was begun first, then guidance's first question, with everybody whom it would ask the same.
    pub(crate) fn asking<'a>(&self, open: &'a [Question]) -> Option<Asking<'a>> {
        let mut to_answer = self.to_answer.iter();
        if let Some(question) =
            to_answer.find_map(|path| open.iter().find(|question| question.fact == *path))
        {
            return Some(Asking::Which(question));
        }
        let first = open.first()?;
        let alike = |other: &&Question| {
            other.fact.fact == first.fact.fact && person_of(&other.fact).is_some()
        };
        let group: Vec<&Question> = open.iter().filter(alike).collect();
        if group.len() < 2 || is_among(first, &self.one_by_one) {
            return Some(Asking::One(first));
        }
        Some(match &first.together {
            None => Asking::One(first),
            Some(Together::Who(title)) => Asking::Who(title, group),
            Some(Together::Same { title, answers }) => {
                let split = self.split.as_ref();
                let split = split.filter(|split| is_among(first, &split.paths));
                match split.and_then(|split| answers.get(split.index)) {
                    Some(answer) => Asking::Split(answer, group),
                    None => Asking::Same(title, answers, group),
                }
            }
        })
    }
}

/// The question asks the same fact as one of the paths, of whomever.
fn is_among(question: &Question, paths: &[FactPath]) -> bool {
    paths.iter().any(|path| path.fact == question.fact.fact)
}

/// The person of a fact's path.
pub(crate) fn person_of(path: &FactPath) -> Option<&str> {
    match &path.subject {
        Subject::Person(id) => Some(id),
        Subject::Event | Subject::Household => None,
    }
}

/// Every answer but "none".
pub(crate) fn others(kind: &QuestionKind) -> Vec<FactValue> {
    match kind {
        QuestionKind::Choice(answers) => {
            let values = answers.iter().map(|answer| answer.value);
            values.filter(|value| *value != NONE).collect()
        }
        QuestionKind::YesNo | QuestionKind::Number { .. } | QuestionKind::Date => Vec::new(),
    }
}
