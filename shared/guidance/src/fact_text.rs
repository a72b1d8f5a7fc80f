//! Facts in words: what a resident reads as the reason for a line of the plan.

use serde::{Deserialize, Serialize};

use crate::{FactValue, Words};

/// What a fact says as the reason for a line. A value without words gives no reason.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FactText {
    /// The fact, e.g. `person.pregnant`.
    pub fact: String,
    /// Only for these life events, before the words for all; empty for all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub events: Vec<String>,
    /// The sentence: of a yes-no fact for yes; of a number or a date with `{value}`; of a word with `{value}` where
    /// its label goes, or empty where the labels are sentences themselves.
    #[serde(default, skip_serializing_if = "Words::is_empty")]
    pub reason: Words,
    /// The sentence for the "no" of a yes-no fact.
    #[serde(default, skip_serializing_if = "Words::is_empty")]
    pub reason_not: Words,
    /// The labels of a word.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub value: Vec<ValueText>,
}

/// What one word of a closed list is called in a reason.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ValueText {
    /// The word, by its long name.
    pub value: String,
    /// A sentence, or what stands for `{value}` in the fact's sentence.
    pub label: Words,
}

impl FactText {
    /// The sentence for this value, in which `{value}` is still to be filled; `None` where it gives no reason.
    #[must_use]
    pub fn sentence(&self, value: FactValue) -> Option<&Words> {
        let sentence = match value {
            FactValue::Flag(false) => &self.reason_not,
            FactValue::Choice(word) => {
                let label = self.label(word)?;
                if self.reason.is_empty() {
                    label
                } else {
                    &self.reason
                }
            }
            FactValue::Flag(true) | FactValue::Count(_) | FactValue::Date(_) => &self.reason,
        };
        (!sentence.is_empty()).then_some(sentence)
    }

    /// The label of a word of the fact's closed list.
    #[must_use]
    pub fn label(&self, word: &str) -> Option<&Words> {
        let known = self.value.iter().find(|known| known.value == word)?;
        Some(&known.label)
    }
}
