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
    let word = if resident.deceased_on.is_some() {
        "deceased"
    } else {
        role.word()
    };
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

/// Every household with its facts, for documentation (`demo-town households --json`).
#[must_use]
pub fn export(town: &Town) -> Value {
    let households: Vec<Value> = town
        .households
        .iter()
        .map(|household| {
            let persons: Vec<Value> = household.persons.iter().map(register_entry).collect();
            json!({
                "household": household.number,
                "key": household.key,
                "shows": household.shows,
                "status": household.status,
                "postal_code": household.postal_code,
                "address": household.address,
                "address_kana": household.address_kana,
                "register": persons,
                "facts": document(town, household, usual_visitor(household), "certificate"),
            })
        })
        .collect();
    json!({
        "municipality": {
            "code": town.sheet.code,
            "name": town.sheet.name,
            "as_of": town.sheet.as_of,
            "office": town.sheet.office,
        },
        "households": households,
    })
}

fn register_entry(person: &Resident) -> Value {
    json!({
        "resident": person.number,
        "name": person.name,
        "name_kana": person.kana,
        "birth_date": person.birth_date,
        "sex": person.sex,
        "relationship": person.relationship,
        "domicile": person.domicile,
        "register_head": person.register_head,
        "nationality": person.nationality,
        "residence": person.residence,
        "stay_until": person.stay_until,
        "resident_since": person.resident_since,
        "deceased_on": person.deceased_on,
        "protected": person.protected,
    })
}
