//! Corrections by staff before hand-off: a new revision with its own source (`fixed`), the first one kept beside it.

use application::{Application, FormSet, Problem, Source};

/// A value that a clerk sets.
pub struct Correction<'a> {
    /// Which.
    pub key: &'a str,
    /// What it becomes, as typed.
    pub text: &'a str,
}

/// A value that is not what came. No Debug: values are people.
#[derive(Clone, PartialEq, Eq)]
pub struct Difference {
    /// Which.
    pub key: String,
    /// As it came; empty if there was none.
    pub came: String,
    /// As it is now.
    pub now: String,
}

impl Correction<'_> {
    /// Corrects; `false` when the value is what it was. The text is checked as the kiosk would check it.
    ///
    /// # Errors
    /// What is wrong with the text, as a word of the forms.
    pub fn apply(&self, application: &mut Application, forms: &FormSet) -> Result<bool, Problem> {
        let text = match forms.field(self.key) {
            Some(field) => forms.check(&field.kind, self.text)?,
            None => self.text.to_owned(),
        };
        if application.values.text(self.key) == text {
            return Ok(false);
        }
        application.values.set(self.key, text, Source::Fixed);
        Ok(true)
    }
}

/// What staff changed between what came and now, in key order.
#[must_use]
pub fn differences(came: &Application, now: &Application) -> Vec<Difference> {
    now.values
        .iter()
        .filter(|(key, value)| came.values.text(key) != value.text)
        .map(|(key, value)| Difference {
            key: key.clone(),
            came: came.values.text(key).to_owned(),
            now: value.text.clone(),
        })
        .collect()
}
