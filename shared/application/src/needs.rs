//! What is still missing, in the order in which people would speak of it.

use guidance::Words;

use crate::context::FormContext;
use crate::field::{Field, FieldKind, key_for, optional_part, person_of};
use crate::form::{Form, FormSet};
use crate::sealed::FormUse;
use crate::value::{ValueKey, ValueSet};

/// A required value that is missing, once although several forms use it.
#[derive(Clone, PartialEq, Debug)]
pub struct Need {
    /// Key of the value, with the person's id.
    pub key: ValueKey,
    /// The person, when it is one person's.
    pub person: Option<String>,
    /// Name of the value; may hold `{person}`.
    pub label: Words,
    /// A line of help.
    pub help: Option<Words>,
    /// How it is entered.
    pub kind: FieldKind,
    /// Ids of the forms that need it.
    pub forms: Vec<String>,
}

/// The required values that are missing for these forms: first what concerns all, then person by person.
#[must_use]
pub fn needs(
    set: &FormSet,
    context: &FormContext<'_>,
    uses: &[FormUse],
    values: &ValueSet,
) -> Vec<Need> {
    let mut found: Vec<Need> = Vec::new();
    let search = Search {
        set,
        context,
        values,
    };
    for (form, persons) in known_uses(set, uses) {
        for field in form.fields.iter().filter(|field| field.required) {
            for person in subjects(field.per_person(), persons) {
                if field
                    .when
                    .as_ref()
                    .is_none_or(|when| when.holds(values, person))
                {
                    search.missing(&key_for(&field.key, person), &form.id, &mut found);
                }
            }
        }
    }
    order(set, uses, &mut found);
    found
}

/// Keys of every value that these forms print, each once, in speaking order; for the review screen.
#[must_use]
pub fn printed_keys(set: &FormSet, uses: &[FormUse], values: &ValueSet) -> Vec<ValueKey> {
    let mut found: Vec<ValueKey> = Vec::new();
    for (form, persons) in known_uses(set, uses) {
        for field in &form.fields {
            for person in subjects(field.per_person(), persons) {
                let key = key_for(&field.key, person);
                let printed = field
                    .when
                    .as_ref()
                    .is_none_or(|when| when.holds(values, person));
                if printed && !found.contains(&key) && !stays_empty(set, &key) {
                    found.push(key);
                }
            }
        }
    }
    found.sort_by_key(|key| rank(set, uses, key));
    found
}

fn stays_empty(set: &FormSet, key: &str) -> bool {
    set.field(key)
        .is_none_or(|field| matches!(field.kind, FieldKind::Seal | FieldKind::Signature))
}

fn known_uses<'a>(
    set: &'a FormSet,
    uses: &'a [FormUse],
) -> impl Iterator<Item = (&'a Form, &'a [String])> {
    uses.iter()
        .filter_map(|one| Some((set.form(&one.form)?, one.persons.as_slice())))
}

fn subjects(per_person: bool, persons: &[String]) -> Vec<Option<&str>> {
    if per_person {
        persons.iter().map(|id| Some(id.as_str())).collect()
    } else {
        vec![None]
    }
}

struct Search<'a> {
    set: &'a FormSet,
    context: &'a FormContext<'a>,
    values: &'a ValueSet,
}

impl Search<'_> {
    fn missing(&self, key: &str, form: &str, found: &mut Vec<Need>) {
        let Some(field) = self
            .set
            .field(key)
            .filter(|_| self.values.get(key).is_none())
        else {
            return;
        };
        let person = person_of(key);
        if !field.parts.is_empty() {
            for part in field.parts.iter().filter(|part| !optional_part(part)) {
                self.missing(&key_for(part, person), form, found);
            }
        } else if matches!(
            field.kind,
            FieldKind::Seal | FieldKind::Signature | FieldKind::Computed
        ) {
            // Never asked: signed at the end, stamped on paper, or computed.
        } else if let Some(same) = field.repeats(
            self.context.facts.event_kind(),
            person,
            self.context.applicant,
        ) {
            self.missing(&same, form, found);
        } else {
            add(field, key, person, form, found);
        }
    }
}

fn add(field: &Field, key: &str, person: Option<&str>, form: &str, found: &mut Vec<Need>) {
    if let Some(need) = found.iter_mut().find(|need| need.key == key) {
        if !need.forms.iter().any(|other| other == form) {
            need.forms.push(form.to_owned());
        }
        return;
    }
    found.push(Need {
        key: key.to_owned(),
        person: person.map(str::to_owned),
        label: field.label.clone(),
        help: field.help.clone(),
        kind: field.kind.clone(),
        forms: vec![form.to_owned()],
    });
}

fn order(set: &FormSet, uses: &[FormUse], found: &mut [Need]) {
    found.sort_by_key(|need| rank(set, uses, &need.key));
}

/// The order of the person and of the field: the visit's own values come before the first person's.
fn rank(set: &FormSet, uses: &[FormUse], key: &str) -> (usize, usize) {
    let field = set
        .field(key)
        .and_then(|field| set.fields.iter().position(|other| other.key == field.key));
    let person = person_of(key).map_or(0, |id| {
        let mut seen: Vec<&str> = Vec::new();
        for other in uses.iter().flat_map(|one| &one.persons) {
            if !seen.contains(&other.as_str()) {
                seen.push(other);
            }
        }
        seen.iter()
            .position(|other| *other == id)
            .map_or(usize::MAX, |index| index + 1)
    });
    (person, field.unwrap_or(usize::MAX))
}
