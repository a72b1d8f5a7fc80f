//! Reading the interchange document: every key and value checked, every refusal with its path.

use serde_json::{Map, Value, json};

use crate::fact_value::{FactError, read_date, read_value, shown};
use crate::facts::{Facts, Given, MOST_PERSONS, ParameterValue, TOO_MANY};
use crate::vocabulary::{FactId, Scope};

impl Facts {
    /// Reads the interchange document.
    ///
    /// # Errors
    /// When the text is not JSON, or a key or value is unknown; the error names its path.
    pub fn from_json(text: &str) -> Result<Self, FactError> {
        let value: Value = serde_json::from_str(text)
            .map_err(|error| FactError::new("document", format!("not JSON: {error}")))?;
        Self::from_value(&value)
    }

    /// Reads the interchange document from parsed JSON.
    ///
    /// # Errors
    /// As [`Facts::from_json`].
    pub fn from_value(value: &Value) -> Result<Self, FactError> {
        let top = object("document", value)?;
        const KEYS: [&str; 5] = ["as_of", "event", "household", "persons", "tenant"];
        if let Some(key) = top.keys().find(|key| !KEYS.contains(&key.as_str())) {
            return Err(unknown_key("", key, KEYS.iter().copied()));
        }
        let event = object("event", top.get("event").ok_or_else(|| missing("event"))?)?;
        let as_of = top
            .get("as_of")
            .map(|value| ("as_of", value))
            .or_else(|| event.get("visit").map(|value| ("event.visit", value)))
            .ok_or_else(|| missing("as_of"))?;
        let kind = event.get("kind").ok_or_else(|| missing("event.kind"))?;
        let kind = kind
            .as_str()
            .ok_or_else(|| FactError::new("event.kind", "expected a word"))?;
        let mut facts = Self::new(read_date(as_of.0, as_of.1)?, kind)?;
        facts.event = read_record("event", Scope::Event, event, &["kind"])?;
        if let Some(household) = top.get("household").filter(|value| !value.is_null()) {
            facts.household = read_record(
                "household",
                Scope::Household,
                object("household", household)?,
                &[],
            )?;
        }
        facts.read_persons(top.get("persons").unwrap_or(&Value::Null))?;
        facts.read_tenant(top.get("tenant").unwrap_or(&Value::Null))?;
        Ok(facts)
    }

    fn read_persons(&mut self, value: &Value) -> Result<(), FactError> {
        let persons: &[Value] = match value {
            Value::Null => &[],
            Value::Array(persons) => persons,
            other => {
                return Err(FactError::new(
                    "persons",
                    format!("expected a list, found {}", shown(other)),
                ));
            }
        };
        if persons.len() > MOST_PERSONS {
            return Err(FactError::new("persons", TOO_MANY));
        }
        for (index, person) in persons.iter().enumerate() {
            let path = format!("persons[{index}]");
            let record = object(&path, person)?;
            let id_path = format!("{path}.id");
            let id = record.get("id").ok_or_else(|| missing(&id_path))?;
            let id = id.as_str().ok_or_else(|| {
                FactError::new(&id_path, format!("expected text, found {}", shown(id)))
            })?;
            self.insert_person(&id_path, id)?;
            let mother = record.get("role") == Some(&json!(MOTHER));
            let record = match mother {
                true => &as_mother(record, self.event_kind() == "birth"),
                false => record,
            };
            let given = read_record(&path, Scope::Person, record, &["id"])?;
            if let Some(last) = self.persons.last_mut() {
                last.given = given;
            }
        }
        Ok(())
    }

    fn read_tenant(&mut self, value: &Value) -> Result<(), FactError> {
        if value.is_null() {
            return Ok(());
        }
        for (name, value) in object("tenant", value)? {
            let value = match value {
                Value::Bool(flag) => ParameterValue::Flag(*flag),
                Value::String(word) => ParameterValue::Word(word.clone()),
                Value::Array(words) => ParameterValue::List(read_words(name, words)?),
                Value::Number(number) if number.is_i64() => {
                    ParameterValue::Count(number.as_i64().unwrap_or_default())
                }
                other => {
                    let reason = format!(
                        "expected true, false, a whole number, a word or a list of words, found {}",
                        shown(other)
                    );
                    return Err(FactError::new(format!("tenant.{name}"), reason));
                }
            };
            self.tenant.insert(name.clone(), value);
        }
        Ok(())
    }
}

/// A role of the reference data that the interchange does not know.
const MOTHER: &str = "mother";

/// The mother as the interchange names her: in a birth, somebody who was pregnant. What she is to the resident at the
/// kiosk (self, spouse, other) stays open: the word does not tell it.
fn as_mother(record: &Map<String, Value>, of_a_birth: bool) -> Map<String, Value> {
    let mut record = record.clone();
    record.insert("role".to_owned(), json!("other"));
    if of_a_birth && !record.contains_key("pregnant") {
        record.insert("pregnant".to_owned(), json!(true));
    }
    record
}

fn read_words(name: &str, words: &[Value]) -> Result<Vec<String>, FactError> {
    let word = |(index, word): (usize, &Value)| {
        let path = format!("tenant.{name}[{index}]");
        let text = word.as_str().filter(|text| text.chars().count() <= 40);
        let found = || format!("expected up to 40 characters, found {}", shown(word));
        text.map(str::to_owned)
            .ok_or_else(|| FactError::new(path, found()))
    };
    words.iter().enumerate().map(word).collect()
}

fn missing(path: &str) -> FactError {
    FactError::new(path, "missing")
}

fn unknown_key<'a>(path: &str, key: &str, known: impl Iterator<Item = &'a str>) -> FactError {
    let path = if path.is_empty() {
        key.to_owned()
    } else {
        format!("{path}.{key}")
    };
    FactError::new(
        path,
        format!(
            "unknown key; expected one of {}",
            known.collect::<Vec<_>>().join(", ")
        ),
    )
}

fn object<'a>(path: &str, value: &'a Value) -> Result<&'a Map<String, Value>, FactError> {
    value
        .as_object()
        .ok_or_else(|| FactError::new(path, format!("expected an object, found {}", shown(value))))
}

fn read_record(
    path: &str,
    scope: Scope,
    record: &Map<String, Value>,
    other_keys: &[&str],
) -> Result<Given, FactError> {
    let mut given = Given::new();
    for (key, value) in record {
        if other_keys.contains(&key.as_str()) {
            continue;
        }
        let fact = FactId::find(scope, key).ok_or_else(|| {
            let names = FactId::all()
                .filter(|fact| fact.def().scope == scope)
                .map(|fact| fact.def().name);
            unknown_key(path, key, other_keys.iter().copied().chain(names))
        })?;
        let at = format!("{path}.{key}");
        if value.is_null() {
            continue; // null says "not known", which is what absent means
        }
        if given.insert(fact, read_value(&at, fact, value)?).is_some() {
            let def = fact.def();
            return Err(FactError::new(
                at,
                format!("given twice, as {} and as {}", def.name, def.short),
            ));
        }
    }
    Ok(given)
}
