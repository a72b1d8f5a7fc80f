//! Facts about one visit: what was given, and nothing else.
//!
//! A fact that is absent is not the same as one given as "no": the plan uses the documented default for
//! both, but only the absent one may be asked.

use std::collections::BTreeMap;
use std::fmt;

use jiff::civil::Date;
use serde_json::{Map, Value, json};

use crate::fact_value::{FactError, check_value, in_range, read_value};
use crate::vocabulary::{FactId, FactKind, FactValue, Scope};

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

/// Whether `id` can be a life event's: 1 to 64 lower-case letters, digits and `_`.
#[must_use]
pub fn is_event_id(id: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    !id.is_empty() && id.len() <= 64 && id.bytes().all(allowed)
}

pub(crate) const TOO_MANY: &str =
    "more than 40 persons: a household is planned for as a whole, and none is so large";

/// Most persons of one visit. The largest households of the census have fewer; planning takes longer with each.
pub const MOST_PERSONS: usize = 40;

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
    /// Several words.
    List(Vec<String>),
}

/// What is known on the day of the visit.
#[derive(Clone, Debug, PartialEq)]
pub struct Facts {
    pub(crate) as_of: Date,
    pub(crate) kind: String,
    pub(crate) event: Given,
    pub(crate) household: Given,
    pub(crate) persons: Vec<Person>,
    pub(crate) tenant: BTreeMap<String, ParameterValue>,
}

impl Facts {
    /// Starts with nothing but the day of the visit and the life event.
    ///
    /// # Errors
    /// When `event_kind` cannot be the id of a life event or the day is outside 1850–2300. Whether there is such an
    /// event only a catalogue knows: [`crate::Catalogue::check`].
    pub fn new(as_of: Date, event_kind: &str) -> Result<Self, FactError> {
        let as_of = in_range("as_of", as_of)?;
        if !is_event_id(event_kind) {
            return Err(FactError::new(
                "event.kind",
                "expected a life event: up to 64 lower-case letters, digits and _",
            ));
        }
        Ok(Self {
            as_of,
            kind: event_kind.to_owned(),
            event: Given::new(),
            household: Given::new(),
            persons: Vec::new(),
            tenant: BTreeMap::new(),
        })
    }

    /// The day of the visit.
    #[must_use]
    pub fn as_of(&self) -> Date {
        self.as_of
    }

    /// The life event's id in the catalogue, e.g. `move_in`.
    #[must_use]
    pub fn event_kind(&self) -> &str {
        &self.kind
    }

    /// Ids of the persons, in the order of the document.
    pub fn persons(&self) -> impl Iterator<Item = &str> {
        self.persons.iter().map(|person| person.id.as_str())
    }

    /// Adds a person about whom nothing is known yet.
    ///
    /// # Errors
    /// When the id is empty, longer than 64 bytes, holds a bracket or control character, or is taken; when there are
    /// [`MOST_PERSONS`] already.
    pub fn add_person(&mut self, id: &str) -> Result<(), FactError> {
        self.insert_person(&format!("persons[{}].id", self.persons.len()), id)
    }

    pub(crate) fn insert_person(&mut self, path: &str, id: &str) -> Result<(), FactError> {
        if self.persons.len() >= MOST_PERSONS {
            return Err(FactError::new("persons", TOO_MANY));
        }
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

    /// Every fact that was given, with its path.
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
        let mut event = Map::from_iter([("kind".to_owned(), json!(self.kind))]);
        event.extend(record(&self.event));
        let mut document = json!({
            "as_of": self.as_of,
            "event": event,
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
