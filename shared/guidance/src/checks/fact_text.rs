//! What must hold of a fact's words.

use super::references::known_events;
use super::texts::in_japanese;
use crate::Words;
use crate::document::{Document, FactText};
use crate::load::{CatalogueError, EntryId, Sources};
use crate::vocabulary::{FactId, FactKind, Word};

pub(super) fn check(
    text: &FactText,
    document: &Document,
    sources: &Sources,
) -> Result<(), CatalogueError> {
    let about = EntryId("fact", &text.fact);
    let wrong = |snippet: &str, reason: &str| Err(sources.error(about, snippet, reason));
    let Some(fact) = FactId::named(&text.fact) else {
        return wrong("", &format!("unknown fact {:?}", text.fact));
    };
    known_events(about, &text.events, document, sources)?;
    let kind = fact.def().kind;
    if kind != FactKind::Flag && !text.reason_not.is_empty() {
        return wrong("reason_not", "only a yes-no fact has a reason_not");
    }
    match kind {
        FactKind::Choice(words) => return check_labels(text, words, sources),
        _ if !text.value.is_empty() => {
            return wrong("value", "only a word of a closed list has values");
        }
        FactKind::Flag if text.reason.is_empty() && text.reason_not.is_empty() => {
            return wrong("", "neither reason nor reason_not");
        }
        FactKind::Flag => {}
        FactKind::Count | FactKind::Date if !has_value_everywhere(&text.reason) => {
            return wrong("reason", "reason needs {value} in every language");
        }
        FactKind::Count | FactKind::Date => {}
    }
    for (key, words) in [("reason", &text.reason), ("reason_not", &text.reason_not)] {
        if !words.is_empty() {
            in_japanese(about, key, words, sources)?;
        }
    }
    Ok(())
}

fn check_labels(text: &FactText, words: &[Word], sources: &Sources) -> Result<(), CatalogueError> {
    let about = EntryId("fact", &text.fact);
    let wrong = |snippet: &str, reason: &str| Err(sources.error(about, snippet, reason));
    if text.value.is_empty() {
        return wrong("", "no value has a label");
    }
    if !text.reason.is_empty() && !has_value_everywhere(&text.reason) {
        return wrong("reason", "reason needs {value} in every language");
    }
    for value in &text.value {
        if !words.iter().any(|(long, _)| *long == value.value) {
            return wrong(&value.value, &format!("unknown value {:?}", value.value));
        }
        in_japanese(about, &value.value, &value.label, sources)?;
    }
    Ok(())
}

/// Whether there are words, and each says where the value goes.
fn has_value_everywhere(words: &Words) -> bool {
    let mut languages = words.languages();
    words.exact("ja").is_some() && languages.all(|tag| words.get(tag).contains("{value}"))
}
