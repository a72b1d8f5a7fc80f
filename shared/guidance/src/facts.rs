//! Facts about one visit: what was given, and nothing else.
//!
//! A fact that is absent is not the same as one given as "no": the plan uses the documented default for
//! both, but only the absent one may be asked.

use std::collections::BTreeMap;
use std::fmt;

use jiff::civil::Date;
use serde_json::{Map, Value, json};
use thiserror::Error;

use crate::vocabulary::{FactId, FactKind, FactValue, Scope, canonical_word};

/// The earliest and the latest year that a date may have. Every living person's birth and every due day
/// lies inside; date arithmetic on them cannot overflow.
pub(crate) const YEARS: std::ops::RangeInclusive<i16> = 1850..=2300;

/// A fact that was refused, with its path in the document.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{path}: {reason}")]
pub struct FactError {
    /// Where, e.g. `persons[1].health_insurance`; `document` for the whole.
    pub path: String,
    /// What is wrong and what would be right.
    pub reason: String,
}

impl FactError {
    pub(crate) fn new(path: impl Into<String>, reason: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            reason: reason.into(),
        }
    }
}

/// Whom a fact is about.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Subject {
    /// The life event.
    Event,
    /// The household.
    Household,
    /// The person with this id.
    Person(String),
}

/// One fact of one subject; written `event.date`, `household.dogs`, `persons[A].pregnant`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FactPath {
    /// Whom it is about.
    pub subject: Subject,
    /// Which fact.
    pub fact: FactId,
}

impl fmt::Display for FactPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.fact.def().name;
        match &self.subject {
            Subject::Event => write!(f, "event.{name}"),
            Subject::Household => write!(f, "household.{name}"),
            Subject::Person(id) => write!(f, "persons[{id}].{name}"),
        }
    }
}

impl std::str::FromStr for FactPath {
    type Err = FactError;

    fn from_str(text: &str) -> Result<Self, FactError> {
        let unknown = || FactError::new(text, "no such fact");
        let (subject, scope, name) = if let Some(name) = text.strip_prefix("event.") {
            (Subject::Event, Scope::Event, name)
        } else if let Some(name) = text.strip_prefix("household.") {
            (Subject::Household, Scope::Household, name)
        } else {
            let rest = text.strip_prefix("persons[").ok_or_else(unknown)?;
            let (id, name) = rest.split_once("].").ok_or_else(unknown)?;
            (Subject::Person(id.to_owned()), Scope::Person, name)
        };
        let fact = FactId::find(scope, name).ok_or_else(unknown)?;
        Ok(Self { subject, fact })
    }
}

pub(crate) type Given = BTreeMap<FactId, FactValue>;

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Person {
    pub(crate) id: String,
    pub(crate) given: Given,
}

/// A tenant parameter's value (市区町村ごとの違い).
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(untagged)]
pub enum ParameterValue {
    /// Yes or no.
    Flag(bool),
    /// A number: yen, days, months.
    Count(i64),
    /// A word of the parameter's list.
    Word(String),
}

/// What is known on the day of the visit.
#[derive(Clone, Debug, PartialEq)]
pub struct Facts {
    pub(crate) as_of: Date,
    pub(crate) event: Given,
    pub(crate) household: Given,
    pub(crate) persons: Vec<Person>,
    pub(crate) tenant: BTreeMap<String, ParameterValue>,
}

impl Facts {
    /// Starts with nothing but the day of the visit and the life event.
    ///
    /// # Errors
    /// When `event_kind` is not one of [`crate::EVENT_KINDS`] or the day is outside 1850–2300.
    pub fn new(as_of: Date, event_kind: &str) -> Result<Self, FactError> {
        let mut facts = Self {
            as_of: in_range("as_of", as_of)?,
            event: Given::new(),
            household: Given::new(),
            persons: Vec::new(),
            tenant: BTreeMap::new(),
        };
        let value = Value::String(event_kind.to_owned());
        let kind = FactId::find(Scope::Event, "kind")
            .ok_or_else(|| FactError::new("event.kind", "no such fact"))?;
        facts
            .event
            .insert(kind, read_value("event.kind", kind, &value)?);
        Ok(facts)
    }

    /// The day of the visit.
    #[must_use]
    pub fn as_of(&self) -> Date {
        self.as_of
    }

    /// The life event, e.g. `move_in`.
    #[must_use]
    pub fn event_kind(&self) -> &'static str {
        match self
            .event
            .iter()
            .find(|(fact, _)| fact.def().name == "kind")
        {
            Some((_, FactValue::Choice(kind))) => kind,
            _ => "",
        }
    }

    /// Ids of the persons, in the order of the document.
    pub fn persons(&self) -> impl Iterator<Item = &str> {
        self.persons.iter().map(|person| person.id.as_str())
    }

    /// Adds a person about whom nothing is known yet.
    ///
    /// # Errors
    /// When the id is empty, longer than 64 bytes, holds a bracket or control character, or is taken.
    pub fn add_person(&mut self, id: &str) -> Result<(), FactError> {
        self.insert_person(&format!("persons[{}].id", self.persons.len()), id)
    }

    fn insert_person(&mut self, path: &str, id: &str) -> Result<(), FactError> {
        let bad = |c: char| c == '[' || c == ']' || c.is_control();
        if id.is_empty() || id.len() > 64 || id.contains(bad) {
            return Err(FactError::new(
                path,
                "expected 1 to 64 bytes without brackets or control characters",
            ));
        }
        if self.persons.iter().any(|person| person.id == id) {
            return Err(FactError::new(path, format!("{id:?} is used twice")));
        }
        self.persons.push(Person {
            id: id.to_owned(),
            given: Given::new(),
        });
        Ok(())
    }

    /// Forgets a person, e.g. one who was added by mistake. Returns whether there was one.
    pub fn remove_person(&mut self, id: &str) -> bool {
        let before = self.persons.len();
        self.persons.retain(|person| person.id != id);
        before != self.persons.len()
    }

    /// Gives one fact, e.g. `facts.set("persons[A].pregnant", FactValue::Flag(true))`.
    ///
    /// # Errors
    /// When there is no such fact or person, or the value is not of the fact's kind.
    pub fn set(&mut self, path: &str, value: FactValue) -> Result<(), FactError> {
        let parsed: FactPath = path.parse()?;
        let value = check_value(path, parsed.fact, value)?;
        let given = self
            .given_mut(&parsed.subject)
            .ok_or_else(|| FactError::new(path, "no such person"))?;
        given.insert(parsed.fact, value);
        Ok(())
    }

    /// Gives one fact from text as a document or a command line has it: `true`, `2`, `2026-04-01`, `national`.
    ///
    /// # Errors
    /// As [`Facts::set`].
    pub fn set_text(&mut self, path: &str, text: &str) -> Result<(), FactError> {
        let parsed: FactPath = path.parse()?;
        let json = match parsed.fact.def().kind {
            FactKind::Flag | FactKind::Count => {
                serde_json::from_str(text).unwrap_or_else(|_| text.into())
            }
            FactKind::Date | FactKind::Choice(_) => Value::from(text),
        };
        self.set(path, read_value(path, parsed.fact, &json)?)
    }

    /// Gives a value that the vocabulary is known to allow, e.g. one to try.
    pub(crate) fn suppose(&mut self, path: &FactPath, value: FactValue) {
        if let Some(given) = self.given_mut(&path.subject) {
            given.insert(path.fact, value);
        }
    }

    /// Makes one fact absent again, so that it may be asked. Returns the value that was given.
    pub fn unset(&mut self, path: &FactPath) -> Option<FactValue> {
        self.given_mut(&path.subject)?.remove(&path.fact)
    }

    /// The value that was given; `None` when the fact is absent.
    #[must_use]
    pub fn given(&self, path: &FactPath) -> Option<FactValue> {
        match &path.subject {
            Subject::Event => self.event.get(&path.fact),
            Subject::Household => self.household.get(&path.fact),
            Subject::Person(id) => self
                .persons
                .iter()
                .find(|person| person.id == *id)?
                .given
                .get(&path.fact),
        }
        .copied()
    }

    /// Every fact that was given, with its path; the event's kind included.
    pub fn all_given(&self) -> impl Iterator<Item = (FactPath, FactValue)> + '_ {
        let of = |subject: Subject, given: &Given| {
            given
                .iter()
                .map(|(fact, value)| {
                    (
                        FactPath {
                            subject: subject.clone(),
                            fact: *fact,
                        },
                        *value,
                    )
                })
                .collect::<Vec<_>>()
        };
        of(Subject::Event, &self.event)
            .into_iter()
            .chain(of(Subject::Household, &self.household))
            .chain(
                self.persons
                    .iter()
                    .flat_map(move |person| of(Subject::Person(person.id.clone()), &person.given)),
            )
    }

    /// Overrides a tenant parameter for a what-if call. The catalogue checks name and value.
    pub fn set_parameter(&mut self, name: impl Into<String>, value: ParameterValue) {
        self.tenant.insert(name.into(), value);
    }

    fn given_mut(&mut self, subject: &Subject) -> Option<&mut Given> {
        match subject {
            Subject::Event => Some(&mut self.event),
            Subject::Household => Some(&mut self.household),
            Subject::Person(id) => self
                .persons
                .iter_mut()
                .find(|person| person.id == *id)
                .map(|person| &mut person.given),
        }
    }

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
        facts.event = read_record("event", Scope::Event, event, &[])?;
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
        for (index, person) in persons.iter().enumerate() {
            let path = format!("persons[{index}]");
            let record = object(&path, person)?;
            let id_path = format!("{path}.id");
            let id = record.get("id").ok_or_else(|| missing(&id_path))?;
            let id = id.as_str().ok_or_else(|| {
                FactError::new(&id_path, format!("expected text, found {}", shown(id)))
            })?;
            self.insert_person(&id_path, id)?;
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
                Value::Number(number) if number.is_i64() => {
                    ParameterValue::Count(number.as_i64().unwrap_or_default())
                }
                other => {
                    let reason = format!(
                        "expected true, false, a whole number or a word, found {}",
                        shown(other)
                    );
                    return Err(FactError::new(format!("tenant.{name}"), reason));
                }
            };
            self.tenant.insert(name.clone(), value);
        }
        Ok(())
    }

    /// Writes the interchange document, long names, only what was given.
    #[must_use]
    pub fn to_value(&self) -> Value {
        let record = |given: &Given| -> Map<String, Value> {
            given
                .iter()
                .map(|(fact, value)| (fact.def().name.to_owned(), json!(value)))
                .collect()
        };
        let persons: Vec<Value> = self
            .persons
            .iter()
            .map(|person| {
                let mut fields = Map::from_iter([("id".to_owned(), json!(person.id))]);
                fields.extend(record(&person.given));
                Value::Object(fields)
            })
            .collect();
        let mut document = json!({
            "as_of": self.as_of,
            "event": record(&self.event),
            "household": record(&self.household),
            "persons": persons,
        });
        if !self.tenant.is_empty() {
            document["tenant"] = json!(self.tenant);
        }
        document
    }

    /// Writes the interchange document as text.
    #[must_use]
    pub fn to_json(&self) -> String {
        self.to_value().to_string()
    }
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

/// A value as an error shows it: short, so that a message never repeats a whole document.
fn shown(value: &Value) -> String {
    match value {
        Value::Object(_) => "an object".to_owned(),
        Value::Array(_) => "a list".to_owned(),
        other => {
            let text = other.to_string();
            match text.char_indices().nth(40) {
                Some((cut, _)) => format!("{}…", &text[..cut]),
                None => text,
            }
        }
    }
}

fn read_value(path: &str, fact: FactId, value: &Value) -> Result<FactValue, FactError> {
    let expected =
        |what: &str| FactError::new(path, format!("expected {what}, found {}", shown(value)));
    match fact.def().kind {
        FactKind::Flag => value
            .as_bool()
            .map(FactValue::Flag)
            .ok_or_else(|| expected("true or false")),
        FactKind::Count => value
            .as_i64()
            .filter(|count| (0..=1_000_000).contains(count))
            .map(FactValue::Count)
            .ok_or_else(|| expected("a whole number from 0 to 1000000")),
        FactKind::Date => read_date(path, value).map(FactValue::Date),
        FactKind::Choice(words) => {
            let word = value.as_str().ok_or_else(|| expected("a word"))?;
            canonical_word(words, word)
                .map(FactValue::Choice)
                .ok_or_else(|| unknown_word(path, &shown(value), words))
        }
    }
}

fn unknown_word(path: &str, found: &str, words: &[(&str, &str)]) -> FactError {
    let known: Vec<&str> = words.iter().map(|(long, _)| *long).collect();
    FactError::new(
        path,
        format!(
            "unknown value {found}; expected one of {}",
            known.join(", ")
        ),
    )
}

fn check_value(path: &str, fact: FactId, value: FactValue) -> Result<FactValue, FactError> {
    read_value(path, fact, &json!(value))
}

fn read_date(path: &str, value: &Value) -> Result<Date, FactError> {
    let expected = || {
        FactError::new(
            path,
            format!("expected a date as YYYY-MM-DD, found {}", shown(value)),
        )
    };
    let text = value
        .as_str()
        .filter(|text| text.len() == 10)
        .ok_or_else(expected)?;
    in_range(path, text.parse().map_err(|_| expected())?)
}

fn in_range(path: &str, date: Date) -> Result<Date, FactError> {
    if YEARS.contains(&date.year()) {
        return Ok(date);
    }
    Err(FactError::new(
        path,
        format!(
            "{date} is outside the years {} to {}",
            YEARS.start(),
            YEARS.end()
        ),
    ))
}
