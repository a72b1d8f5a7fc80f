//! Titles of procedures that hold a parameter, e.g. the name that a town gives its health insurance levy.

use std::collections::BTreeMap;

use crate::document::{Document, Parameter};
use crate::{ParameterValue, Words};

/// Fills the edition's own values into the titles. Returns the titles as they were written, by index of the procedure.
pub(crate) fn fill_titles(document: &mut Document) -> BTreeMap<usize, Words> {
    let mut open = BTreeMap::new();
    let parameters = &document.parameter;
    for (index, procedure) in document.procedure.iter_mut().enumerate() {
        if procedure.title.get("ja").contains("{tenant.") {
            let title = filled(&procedure.title, parameters, |at| &parameters[at].default);
            open.insert(index, std::mem::replace(&mut procedure.title, title));
        }
    }
    open
}

/// `{tenant.<parameter>}` replaced by the parameter's value, in every language.
pub(crate) fn filled<'a>(
    words: &Words,
    parameters: &[Parameter],
    value_of: impl Fn(usize) -> &'a ParameterValue,
) -> Words {
    let mut out = words.clone();
    for (index, parameter) in parameters.iter().enumerate() {
        let placeholder = format!("{{tenant.{}}}", parameter.id);
        let value = match value_of(index) {
            ParameterValue::Word(word) => word.clone(),
            ParameterValue::Count(count) => count.to_string(),
            ParameterValue::Flag(_) | ParameterValue::List(_) => continue,
        };
        for tag in words.languages() {
            let text = out.get(tag).replace(&placeholder, &value);
            out.insert(tag, text);
        }
    }
    out
}
