//! What must hold of a document before it is compiled: ids that exist and are unique, texts in Japanese, parameters of
//! the right kind.

mod event;
mod fact_text;
mod question;
mod references;
mod texts;

use std::collections::HashSet;

pub(crate) use references::{check_amount, has_event};
use references::{known_events, parameter};
use texts::in_japanese;

use crate::ParameterValue;
use crate::document::{Counter, Document, Parameter, Procedure};
use crate::load::{CatalogueError, EntryId, Sources};

/// Checks everything that needs no compiled condition.
pub(crate) fn check(document: &Document, sources: &Sources) -> Result<(), CatalogueError> {
    unique_ids(document, sources)?;
    titles(document, sources)?;
    for event in &document.event {
        event::check(event, sources)?;
    }
    for text in &document.fact {
        fact_text::check(text, document, sources)?;
    }
    for counter in &document.counter {
        check_counter(counter, document, sources)?;
    }
    for parameter in &document.parameter {
        check_default(parameter, sources)?;
    }
    for procedure in &document.procedure {
        check_procedure(procedure, document, sources)?;
    }
    for text in &document.question {
        question::check(text, document, sources)?;
    }
    Ok(())
}

fn unique_ids(document: &Document, sources: &Sources) -> Result<(), CatalogueError> {
    let unique = |table: &'static str, what: &str, ids: &mut dyn Iterator<Item = &String>| {
        let mut seen = HashSet::new();
        for id in ids {
            if !seen.insert(id) {
                let reason = format!("a second {what} {id:?}");
                return Err(sources.error(EntryId(table, id), "", reason));
            }
        }
        Ok(())
    };
    let mut events = document.event.iter().map(|entry| &entry.id);
    unique("event", "life event", &mut events)?;
    let mut counters = document.counter.iter().map(|entry| &entry.id);
    unique("counter", "counter", &mut counters)?;
    let mut parameters = document.parameter.iter().map(|entry| &entry.id);
    unique("parameter", "parameter", &mut parameters)?;
    let mut items = document.item.iter().map(|entry| &entry.id);
    unique("item", "item", &mut items)?;
    let mut reasons = document.reason.iter().map(|entry| &entry.id);
    unique("reason", "reason", &mut reasons)?;
    let mut procedures = document.procedure.iter().map(|entry| &entry.id);
    unique("procedure", "procedure", &mut procedures)
}

fn titles(document: &Document, sources: &Sources) -> Result<(), CatalogueError> {
    for entry in &document.counter {
        in_japanese(
            EntryId("counter", &entry.id),
            "title",
            &entry.title,
            sources,
        )?;
    }
    for entry in &document.item {
        in_japanese(EntryId("item", &entry.id), "title", &entry.title, sources)?;
    }
    for entry in &document.reason {
        in_japanese(EntryId("reason", &entry.id), "title", &entry.title, sources)?;
    }
    for entry in &document.procedure {
        in_japanese(
            EntryId("procedure", &entry.id),
            "title",
            &entry.title,
            sources,
        )?;
    }
    Ok(())
}

fn check_default(parameter: &Parameter, sources: &Sources) -> Result<(), CatalogueError> {
    match &parameter.default {
        ParameterValue::Word(word) if !parameter.values.contains(word) => {
            let reason = format!("{word:?} is not one of its values");
            Err(sources.error(EntryId("parameter", &parameter.id), "default", reason))
        }
        _ => Ok(()),
    }
}

fn check_procedure(
    procedure: &Procedure,
    document: &Document,
    sources: &Sources,
) -> Result<(), CatalogueError> {
    let about = EntryId("procedure", &procedure.id);
    let mut counters = document.counter.iter();
    if !counters.any(|counter| counter.id == procedure.counter) {
        let reason = format!("unknown counter {:?}", procedure.counter);
        return Err(sources.error(about, &procedure.counter, reason));
    }
    if procedure.rule.is_empty() {
        return Err(sources.error(about, "", "no rule: it could never be needed"));
    }
    check_amount(about, procedure.fee_yen.as_ref(), document, sources)?;
    check_amount(about, procedure.grant_yen.as_ref(), document, sources)
}

fn check_counter(
    counter: &Counter,
    document: &Document,
    sources: &Sources,
) -> Result<(), CatalogueError> {
    let about = EntryId("counter", &counter.id);
    let unknown = |name: &str| {
        let reason = format!("unknown parameter {name:?}, or not of this kind");
        Err(sources.error(about, name, reason))
    };
    if counter.hours.starts_with("tenant.") && parameter(document, &counter.hours).is_none() {
        return unknown(&counter.hours);
    }
    let Some(one_stop) = &counter.one_stop else {
        return Ok(());
    };
    known_events(
        about,
        std::slice::from_ref(&one_stop.event),
        document,
        sources,
    )?;
    match parameter(document, &one_stop.if_parameter).map(|parameter| &parameter.default) {
        Some(ParameterValue::Flag(_)) => Ok(()),
        _ => unknown(&one_stop.if_parameter),
    }
}
