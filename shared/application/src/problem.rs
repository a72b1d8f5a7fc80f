//! What is wrong with a value: a key of the word book, never a sentence.

use std::collections::BTreeMap;

/// A problem with something typed. `key` is a key of the word book (`problem.private_use`), `details` its arguments.
/// The text itself is never in it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Problem {
    /// Key of the word book.
    pub key: &'static str,
    /// Arguments for the words: a code point, a largest number.
    pub details: BTreeMap<&'static str, String>,
}

impl Problem {
    /// A problem without arguments.
    #[must_use]
    pub fn new(key: &'static str) -> Self {
        Self {
            key,
            details: BTreeMap::new(),
        }
    }

    /// The same with one argument more.
    #[must_use]
    pub fn with(mut self, name: &'static str, text: impl Into<String>) -> Self {
        self.details.insert(name, text.into());
        self
    }
}
