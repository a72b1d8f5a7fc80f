//! Values that follow from others: from the life event and the facts, composed of parts, repeated.

use guidance::{FactId, FactPath, FactValue, Scope, Subject};

use crate::context::FormContext;
use crate::field::{FieldKind, NO, PERSON, YES, key_for, optional_part};
use crate::form::{FormSet, fact};
use crate::problem::Problem;
use crate::value::{Source, ValueKey, ValueSet};

/// Computes what follows from other values: what the event decides, dates of filing, composed addresses, repeated values.
/// Call it after every change; it never touches a value that has a source of its own.
pub fn derive(set: &FormSet, context: &FormContext<'_>, values: &mut ValueSet) {
    from_facts(set, context, values);
    for field in set.fields() {
        if let Some(text) = field.by_event.get(context.facts.event_kind()) {
            values.offer(field.key.clone(), text.clone(), Source::Resident);
        }
    }
    for field in set.fields() {
        let persons: Vec<Option<String>> = if field.key.contains(PERSON) {
            context
                .facts
                .persons()
                .map(|id| Some(id.to_owned()))
                .collect()
        } else {
            vec![None]
        };
        for person in persons {
            let person = person.as_deref();
            let key = key_for(&field.key, person);
            compose(&field.parts, person, &key, values);
            if let Some(same) = field.repeats(context.facts.event_kind(), person, context.applicant)
            {
                let same_has_parts = set
                    .field(&same)
                    .is_some_and(|field| !field.parts.is_empty());
                repeat(&key, &same, same_has_parts, values);
            }
        }
    }
}

/// A whole that was composed of its parts follows them; one that card or core gave stays.
fn compose(parts: &[ValueKey], person: Option<&str>, key: &str, values: &mut ValueSet) {
    let parts: Vec<ValueKey> = parts.iter().map(|part| key_for(part, person)).collect();
    if parts.iter().all(|part| values.get(part).is_none()) {
        return;
    }
    let given = values
        .get(key)
        .is_some_and(|value| matches!(value.source, Source::Card | Source::Core | Source::Fixed));
    let complete = parts
        .iter()
        .filter(|part| !optional_part(part))
        .all(|part| values.get(part).is_some());
    if !given && !complete {
        values.clear(key);
    } else if !given {
        let texts = parts
            .iter()
            .filter(|part| !part.ends_with(".postal_code"))
            .map(|part| values.text(part));
        let text = texts.filter(|text| !text.is_empty()).collect::<Vec<_>>();
        let text = match text.split_last() {
            Some((building, rest))
                if parts.last().is_some_and(|last| {
                    last.ends_with(".building") && values.get(last).is_some()
                }) =>
            {
                format!("{}\u{3000}{building}", rest.concat())
            }
            _ => text.concat(),
        };
        values.set(key, text, Source::Resident);
    }
}

/// A repeated value follows what it repeats, whichever was known first. What is composed of parts is only followed.
fn repeat(key: &str, same: &str, same_has_parts: bool, values: &mut ValueSet) {
    if let Some(value) = values.get(same).cloned() {
        let own = values
            .get(key)
            .is_some_and(|value| value.source == Source::Fixed);
        if !own {
            values.set(key, value.text, value.source);
        }
    } else if same_has_parts {
        if values
            .get(key)
            .is_some_and(|value| value.source == Source::Resident)
        {
            values.clear(key);
        }
    } else if let Some(value) = values.get(key).cloned() {
        values.set(same, value.text, value.source);
    }
}

fn from_facts(set: &FormSet, context: &FormContext<'_>, values: &mut ValueSet) {
    let facts = context.facts;
    values.set(
        "filing.date",
        set.eras().from_date(facts.as_of()).to_string(),
        Source::Resident,
    );
    for (name, key) in [
        ("date", "event.date"),
        ("planned_move_out_on", "move.planned_date"),
    ] {
        let Some(id) = FactId::find(Scope::Event, name) else {
            continue;
        };
        if let Some(FactValue::Date(day)) = facts.given(&FactPath {
            subject: Subject::Event,
            fact: id,
        }) {
            values.offer(key, set.eras().from_date(day).to_string(), Source::Resident);
        }
    }
    for person in facts.persons() {
        if let Some(FactValue::Date(day)) = fact(facts, person, "birth_date") {
            values.offer(
                format!("persons[{person}].birth_date"),
                set.eras().from_date(day).to_string(),
                Source::Resident,
            );
        }
        if let Some(FactValue::Flag(flag)) = fact(facts, person, "my_number_card") {
            values.offer(
                format!("persons[{person}].my_number_card"),
                if flag { YES } else { NO },
                Source::Resident,
            );
        }
    }
}

impl FormSet {
    /// Sets a value that the resident entered, checked and made regular, then derives what follows from it.
    ///
    /// # Errors
    /// The problem; `values` stays as it was.
    pub fn enter(
        &self,
        context: &FormContext<'_>,
        key: &str,
        text: &str,
        values: &mut ValueSet,
    ) -> Result<(), Problem> {
        let kind = self
            .field(key)
            .map_or(FieldKind::Text { most: 200 }, |field| field.kind.clone());
        let text = self.check(&kind, text)?;
        values.set(key, text, Source::Resident);
        if let Some(whole) = self
            .fields()
            .find(|field| field.parts.iter().any(|part| part == key))
        {
            values.clear(&whole.key);
        }
        derive(self, context, values);
        Ok(())
    }
}
