//! What must hold of a life event.

use super::texts::in_japanese;
use crate::document::LifeEvent;
use crate::is_event_id;
use crate::load::{CatalogueError, EntryId, Sources};
use crate::vocabulary::{FactId, FactKind, Scope};

pub(super) fn check(event: &LifeEvent, sources: &Sources) -> Result<(), CatalogueError> {
    let about = EntryId("event", &event.id);
    if !is_event_id(&event.id) {
        let reason = "an id is up to 64 lower-case letters, digits and _";
        return Err(sources.error(about, "", reason));
    }
    in_japanese(about, "title", &event.title, sources)?;
    in_japanese(about, "subtitle", &event.subtitle, sources)?;
    check_who_title(event, sources)?;
    if let Some(date) = &event.date {
        in_japanese(about, "[event.date]", &date.title, sources)?;
    }
    for name in &event.implies {
        let is_flag = |fact: &FactId| {
            let def = fact.def();
            (def.scope, def.kind) == (Scope::Person, FactKind::Flag) && !fact.is_derived()
        };
        if FactId::named(name).filter(is_flag).is_none() {
            let reason = format!("{name:?} is not a yes-no fact about a person");
            return Err(sources.error(about, name, reason));
        }
    }
    Ok(())
}

fn check_who_title(event: &LifeEvent, sources: &Sources) -> Result<(), CatalogueError> {
    let about = EntryId("event", &event.id);
    match (event.concern.asks_who(), event.who_title.is_empty()) {
        (true, true) => {
            let reason = "this concern asks who it is, and there is no who_title";
            Err(sources.error(about, "concern", reason))
        }
        (true, false) => in_japanese(about, "who_title", &event.who_title, sources),
        (false, false) => {
            let reason = "this concern asks nobody, so that who_title is never shown";
            Err(sources.error(about, "concern", reason))
        }
        (false, true) => Ok(()),
    }
}
