//! Conditions: CEL expressions, parsed once, checked against the vocabulary and lowered to a small tree.
//!
//! The subset is what a rule needs: facts, `&&`, `||`, `!`, comparisons, `in` a list. Lowering gives the
//! checks CEL itself doesn't do (unknown fact, a word that the fact never takes, a date compared with a
//! number) and an evaluation that takes less than a microsecond; `tests/it/cel_agrees.rs` checks that the two agree.

mod lowering;
mod tree;

use thiserror::Error;

pub(crate) use lowering::About;
use lowering::Lowering;
use tree::{Evaluation, Test};

use crate::document::Document;
use crate::situation::{Record, Situation};
use crate::vocabulary::{FactId, FactValue};

/// Why a condition was refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{reason} in {source_text:?}")]
pub(crate) struct ConditionError {
    /// The condition.
    pub source_text: String,
    /// What is wrong with it.
    pub reason: String,
}

/// A checked condition.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Condition {
    pub(crate) source: String,
    test: Test,
    /// The facts that it reads, in the order of their appearance, each once.
    pub(crate) facts: Vec<FactId>,
    /// The parameters that it reads.
    pub(crate) parameters: Vec<usize>,
}

impl Condition {
    /// Parses and checks `source`.
    pub(crate) fn compile(
        source: &str,
        about: About,
        document: &Document,
    ) -> Result<Self, ConditionError> {
        let error = |reason: String| ConditionError {
            source_text: source.to_owned(),
            reason,
        };
        let program = cel::Program::compile(source).map_err(|errors| {
            let shown = errors
                .errors
                .iter()
                .map(|e| format!("{}:{} {}", e.pos.0, e.pos.1, e.msg));
            error(shown.collect::<Vec<_>>().join("; "))
        })?;
        let mut lowering = Lowering {
            about,
            document,
            facts: Vec::new(),
            parameters: Vec::new(),
        };
        let test = lowering.test(program.expression()).map_err(error)?;
        Ok(Self {
            source: source.to_owned(),
            test,
            facts: lowering.facts,
            parameters: lowering.parameters,
        })
    }

    /// Whether it holds. A comparison with a date or an age that isn't known is `unknown_as`.
    pub(crate) fn holds(
        &self,
        situation: &Situation,
        person: Option<&Record>,
        unknown_as: bool,
    ) -> bool {
        Evaluation {
            situation,
            person,
            unknown_as,
        }
        .test(&self.test)
    }

    /// Numbers and dates that `fact` is compared with: where its truth changes.
    pub(crate) fn thresholds(&self, fact: FactId) -> Vec<FactValue> {
        let mut found = Vec::new();
        self.test.thresholds(fact, &mut found);
        found
    }
}
