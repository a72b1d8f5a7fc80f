//! From a register's household to what a kiosk may know of it.

use application::era::Eras;
use application::{Source, ValueSet};
use guidance::{FactId, Facts, MOST_PERSONS, Scope};
use jiff::civil::Date;
use kiosk_api::FactsDocument;
use serde_json::{Map, Value, json};

use super::CoreError;
use super::kinship::role;
use super::record::{HouseholdRecord, PersonRecord};

/// What goes to the kiosk.
pub struct Released {
    /// Facts, without an event.
    pub facts: FactsDocument,
    /// Values, all from the core system.
    pub values: ValueSet,
}

/// Why a household does not go to the kiosk.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum NotReleased {
    /// Somebody else in it is under 支援措置: to the kiosk, nobody matched.
    Protected,
    /// The register's answer does not hold together.
    Wrong(CoreError),
}

/// The household as seen by `resident` on the day `as_of`: they are `A`, the others follow in the register's order.
///
/// # Errors
/// [`NotReleased`].
pub fn release(
    record: &HouseholdRecord,
    resident: &str,
    as_of: Date,
    eras: &Eras,
) -> Result<Released, NotReleased> {
    let wrong = |reason: String| NotReleased::Wrong(CoreError::WrongAnswer(reason));
    let place = record
        .persons
        .iter()
        .position(|person| person.resident == resident)
        .ok_or_else(|| wrong("the household has no such resident".to_owned()))?;
    if record.persons.len() > MOST_PERSONS {
        return Err(wrong(format!("more than {MOST_PERSONS} persons")));
    }
    let myself = &record.persons[place];
    let others = || {
        record
            .persons
            .iter()
            .enumerate()
            .filter(|(at, _)| *at != place)
            .map(|(_, person)| person)
    };
    if !myself.protected && others().any(|person| person.protected) {
        return Err(NotReleased::Protected);
    }
    let persons: Vec<(String, &PersonRecord)> = std::iter::once(myself)
        .chain(others())
        .enumerate()
        .map(|(at, person)| (person_id(at), person))
        .collect();
    let document = facts(record, &persons, as_of).map_err(wrong)?;
    Ok(Released {
        facts: FactsDocument(document),
        values: values(record, &persons, eras),
    })
}

/// `A` to `Z`, then `A2` to `Z2`.
fn person_id(at: usize) -> String {
    let letter = char::from(b'A' + u8::try_from(at % 26).unwrap_or(0));
    if at < 26 {
        letter.to_string()
    } else {
        format!("{letter}{}", at / 26 + 1)
    }
}

fn facts(
    record: &HouseholdRecord,
    persons: &[(String, &PersonRecord)],
    as_of: Date,
) -> Result<Value, String> {
    known(Scope::Household, &record.household, "household")?;
    let mut list = Vec::with_capacity(persons.len());
    let all: Vec<&str> = record
        .persons
        .iter()
        .map(|person| person.relationship.as_str())
        .collect();
    let visitor = persons
        .first()
        .map_or("", |(_, person)| person.relationship.as_str());
    for (at, (id, person)) in persons.iter().enumerate() {
        known(Scope::Person, &person.facts, &format!("persons[{at}]"))?;
        let mut one = Map::new();
        one.insert("id".to_owned(), json!(id));
        if let Some(birth_date) = person.birth_date {
            one.insert("birth_date".to_owned(), json!(birth_date));
        }
        let role = if at == 0 {
            "self"
        } else {
            role(visitor, &person.relationship, &all).as_str()
        };
        one.insert("role".to_owned(), json!(role));
        one.insert(
            "head_of_household".to_owned(),
            json!(person.head_of_household),
        );
        one.extend(person.facts.clone());
        list.push(Value::Object(one));
    }
    let mut document = json!({"as_of": as_of, "household": record.household, "persons": list});
    check(&document)?;
    if record.household.is_empty() {
        document
            .as_object_mut()
            .map(|document| document.remove("household"));
    }
    Ok(document)
}

/// Only long names of the vocabulary: a short one here would be a register that follows another page than ours.
fn known(scope: Scope, facts: &Map<String, Value>, path: &str) -> Result<(), String> {
    match facts.keys().all(|key| register_fact(scope, key).is_some()) {
        true => Ok(()),
        false => Err(format!("{path}: unknown key")),
    }
}

/// The fact of this long name, when it is one that a register says; the others are ours to find.
pub(super) fn register_fact(scope: Scope, name: &str) -> Option<FactId> {
    const OURS: [&str; 4] = ["birth_date", "role", "head_of_household", "id"];
    FactId::find(scope, name).filter(|fact| fact.def().name == name && !OURS.contains(&name))
}

/// The values must be such as guidance takes; the event does not matter here. The path is kept, the value is not.
fn check(document: &Value) -> Result<(), String> {
    let mut probe = document.clone();
    if let Some(object) = probe.as_object_mut() {
        object.insert("event".to_owned(), json!({"kind": "certificate"}));
    }
    Facts::from_value(&probe)
        .map(drop)
        .map_err(|error| format!("{}: not a value of this fact", error.path))
}

fn values(record: &HouseholdRecord, persons: &[(String, &PersonRecord)], eras: &Eras) -> ValueSet {
    let mut values = ValueSet::default();
    let mut offer = |key: String, text: &str| values.offer(key, text, Source::Core);
    for (id, person) in persons {
        offer(format!("persons[{id}].name"), &person.name);
        offer(
            format!("persons[{id}].name_kana"),
            person.name_kana.as_deref().unwrap_or_default(),
        );
        offer(
            format!("persons[{id}].birth_date"),
            &birth_date(person, eras),
        );
        offer(format!("persons[{id}].relationship"), &person.relationship);
        let sex = match person.sex.as_str() {
            "1" => "男",
            "2" => "女",
            _ => "",
        };
        offer(format!("persons[{id}].sex"), sex);
    }
    let address = &record.address;
    let building = address.building.as_deref().unwrap_or_default();
    let gap = if building.is_empty() { "" } else { "　" };
    offer(
        "home.address".to_owned(),
        &format!("{}{gap}{building}", address.text),
    );
    offer(
        "home.postal_code".to_owned(),
        &postal_code(address.postal_code.as_deref().unwrap_or_default()),
    );
    if let Some((_, head)) = persons.iter().find(|(_, person)| person.head_of_household) {
        offer("home.head_name".to_owned(), &head.name);
    }
    values
}

/// Era for Japanese nationals, western for others (JK-1.1.8); what is known of it where a part is not (JK-1.1.9).
fn birth_date(person: &PersonRecord, eras: &Eras) -> String {
    let Some(birth_date) = person.birth_date else {
        return person.birth_date_text.clone().unwrap_or_default();
    };
    if person.facts.get("japanese_national") == Some(&Value::Bool(false)) {
        return Eras::new(Vec::new()).from_date(birth_date).to_string();
    }
    eras.from_date(birth_date).to_string()
}

/// `9990001` as it is printed: `999-0001`.
fn postal_code(digits: &str) -> String {
    match (digits.get(..3), digits.get(3..)) {
        (Some(head), Some(tail)) if digits.len() == 7 => format!("{head}-{tail}"),
        _ => String::new(),
    }
}
