//! Guidance documents of the town's households, as the interchange wants them (long names).

use serde_json::{Map, Value, json};

use crate::kinship::{Role, role};
use crate::resident::{Household, Resident};
use crate::town::Town;

/// The household's facts as `visitor` (a place in the household) brings them to the kiosk for an event of `kind`.
/// The visitor is `A`, the others follow in the register's order; who has died is `deceased`.
#[must_use]
pub fn document(town: &Town, household: &Household, visitor: usize, kind: &str) -> Value {
    let mut order: Vec<usize> = (0..household.persons.len()).collect();
    order.sort_by_key(|index| *index != visitor);
    let persons: Vec<Value> = order
        .iter()
        .zip('A'..='Z')
        .map(|(index, id)| person(household, visitor, *index, id))
        .collect();
    json!({
        "as_of": town.sheet.as_of,
        "event": { "kind": kind, "date": town.sheet.as_of },
        "household": json!(household.facts),
        "persons": persons,
    })
}

fn person(household: &Household, visitor: usize, index: usize, id: char) -> Value {
    let resident = &household.persons[index];
    let seen = &household.persons[visitor];
    let role = if index == visitor {
        Role::Myself
    } else {
        role(&seen.relationship, &resident.relationship)
    };
    let word = if resident.deceased_on.is_some() { "deceased" } else { role.word() };
    let mut fields = Map::new();
    fields.insert("id".to_owned(), json!(id));
    fields.insert("birth_date".to_owned(), json!(resident.birth_date));
    fields.insert("role".to_owned(), json!(word));
    fields.insert("head_of_household".to_owned(), json!(is_head(resident)));
    if let Value::Object(facts) = json!(resident.facts) {
        fields.extend(facts);
    }
    Value::Object(fields)
}

/// Whether the person is the head (世帯主).
#[must_use]
pub fn is_head(resident: &Resident) -> bool {
    resident.relationship == "世帯主"
}

/// Who comes to the town hall for the household: the first who is alive.
#[must_use]
pub fn usual_visitor(household: &Household) -> usize {
    household
        .persons
        .iter()
        .position(|person| person.deceased_on.is_none())
        .unwrap_or(0)
}
