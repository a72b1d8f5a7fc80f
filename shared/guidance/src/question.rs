//! What the kiosk asks.

use crate::{FactPath, FactValue, Words};

/// One answer to choose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The value to give to [`crate::Facts::set`].
    pub value: FactValue,
    /// What the resident touches.
    pub label: Words,
}

/// How a question is answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum QuestionKind {
    /// [`FactValue::Flag`].
    YesNo,
    /// One of these.
    Choice(Vec<Answer>),
    /// [`FactValue::Date`].
    Date,
    /// [`FactValue::Count`], from zero to `max`.
    Number {
        /// The largest sensible answer.
        max: i64,
    },
}

/// A question asked once for several persons.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Together {
    /// 「どなたですか」: whoever is marked answers yes, or has another answer than `none`, which is asked next.
    Who(Words),
    /// One answer mostly holds for everybody; who differs is asked one by one.
    Same {
        /// The question, put to all of them.
        title: Words,
        /// The answers that can hold for everybody.
        answers: Vec<SharedAnswer>,
    },
}

/// One answer that holds for everybody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SharedAnswer {
    /// The value for everybody, or for those marked.
    pub value: FactValue,
    /// What the resident touches.
    pub label: Words,
    /// 「どなたですか」 and the value of the rest, where they differ.
    pub rest: Option<(Words, FactValue)>,
}

/// A question whose answer would change the plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// The fact's path as text: a stable id for this visit.
    pub id: String,
    /// The fact that an answer gives.
    pub fact: FactPath,
    /// How it is answered.
    pub kind: QuestionKind,
    /// The question, with `{person}` where a person is meant.
    pub title: Words,
    /// The same put to the resident about themself.
    pub title_self: Words,
    /// How it is asked once for several persons; alone, each would be asked the same.
    pub together: Option<Together>,
    /// Why it is asked, as a full sentence.
    pub why: Words,
    /// Ids of the procedures that depend on it.
    pub changes: Vec<String>,
}
