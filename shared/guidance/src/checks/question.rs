//! What must hold of a question.

use super::references::known_events;
use super::texts::in_japanese;
use crate::document::{Document, QuestionText};
use crate::load::{CatalogueError, EntryId, Sources};
use crate::vocabulary::{FactId, FactKind, Word};

/// The answer of those whom a question for the household does not concern.
const NONE: &str = "none";

pub(super) fn check(
    text: &QuestionText,
    document: &Document,
    sources: &Sources,
) -> Result<(), CatalogueError> {
    let about = EntryId("question", &text.fact);
    in_japanese(about, "title", &text.title, sources)?;
    in_japanese(about, "why", &text.why, sources)?;
    known_events(about, &text.events, document, sources)?;
    let fact = FactId::named(&text.fact).filter(|fact| !fact.is_derived());
    match fact.map(|fact| fact.def().kind) {
        None => Err(sources.error(about, "", format!("unknown fact {:?}", text.fact))),
        Some(FactKind::Choice(words)) => check_answers(text, words, sources),
        Some(_) => Ok(()),
    }
}

fn check_answers(
    text: &QuestionText,
    words: &[Word],
    sources: &Sources,
) -> Result<(), CatalogueError> {
    let wrong = |snippet: &str, reason: &str| {
        Err(sources.error(EntryId("question", &text.fact), snippet, reason))
    };
    if text.answer.len() < 2 {
        return wrong("", "a choice needs two answers or more");
    }
    let answers = text.answer.iter().map(|answer| &answer.value);
    let shared = text.shared.iter().map(|answer| &answer.value);
    let rest = text.shared.iter().filter_map(|answer| answer.rest.as_ref());
    for answer in answers.chain(shared).chain(rest) {
        if !words.iter().any(|(long, _)| long == answer) {
            return wrong(answer, &format!("unknown answer {answer:?}"));
        }
    }
    let none = text.answer.iter().any(|answer| answer.value == NONE);
    if !text.group_title.is_empty() && !none {
        return wrong("", "asked for whom it is not `none`, it needs that answer");
    }
    let mut shared = text.shared.iter();
    match shared.find(|answer| answer.rest.is_some() == answer.who.is_empty()) {
        Some(half) => wrong(&half.value, "`who` and `rest` go together"),
        None => Ok(()),
    }
}
