//! What one entry names of another must be there.

use crate::ParameterValue;
use crate::document::{Amount, Document, Parameter};
use crate::load::{CatalogueError, EntryId, Sources};

/// Events that an entry names must be in the document.
pub(super) fn known_events(
    about: EntryId<'_>,
    events: &[String],
    document: &Document,
    sources: &Sources,
) -> Result<(), CatalogueError> {
    match events.iter().find(|id| !has_event(document, id)) {
        None => Ok(()),
        Some(id) => Err(sources.error(about, id, format!("unknown life event {id:?}"))),
    }
}

pub(crate) fn has_event(document: &Document, id: &str) -> bool {
    document.event.iter().any(|event| event.id == id)
}

/// A parameter that stands for a number must be one.
pub(crate) fn check_amount(
    about: EntryId<'_>,
    amount: Option<&Amount>,
    document: &Document,
    sources: &Sources,
) -> Result<(), CatalogueError> {
    let Some(Amount::Parameter(name)) = amount else {
        return Ok(());
    };
    match parameter(document, name).map(|parameter| &parameter.default) {
        Some(ParameterValue::Count(_)) => Ok(()),
        _ => {
            let reason = format!("{name:?} is not a numeric tenant parameter");
            Err(sources.error(about, name, reason))
        }
    }
}

/// The parameter that `tenant.<id>` names.
pub(super) fn parameter<'a>(document: &'a Document, name: &str) -> Option<&'a Parameter> {
    let id = name.strip_prefix("tenant.")?;
    let mut parameters = document.parameter.iter();
    parameters.find(|parameter| parameter.id == id)
}
