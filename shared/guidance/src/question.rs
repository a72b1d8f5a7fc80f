//! What the kiosk asks.

use crate::{FactPath, FactValue, Words};

/// One answer to choose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The value to give to [`crate::Facts::set`].
    pub value: FactValue,
    /// Its label.
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
    /// The same asked about everybody at once (「妊娠している かたは いますか」), for yes-no questions about persons.
    pub group_title: Option<Words>,
    /// Why it is asked.
    pub why: Words,
    /// Ids of the procedures that depend on it.
    pub changes: Vec<String>,
}
