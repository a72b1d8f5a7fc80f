//! Fields: what can be asked, how it is entered, when it is needed. Defined once in `fields.toml` for every form.

use std::collections::BTreeMap;

use guidance::Words;
use serde::Deserialize;

use crate::value::{Source, ValueKey, ValueSet};

/// Stands for a person's id in a key.
pub const PERSON: &str = "{person}";

/// Stands for the applicant's person id in a key.
pub const APPLICANT: &str = "{applicant}";

/// How a value is entered and checked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum FieldKind {
    /// A person's or organisation's name; IVS kept.
    Name,
    /// Furigana, katakana.
    Kana,
    /// A date in era.
    Date {
        /// Parts may be unknown (日不詳, 頃).
        unknown: bool,
        /// May be written in western years (foreigners' dates).
        western: bool,
    },
    /// Seven digits, printed 123-4567.
    PostalCode,
    /// 都道府県 to 町域, as the postal code gives it.
    Address,
    /// Free text.
    Text {
        /// Largest number of characters.
        most: usize,
    },
    /// Digits.
    Digits {
        /// Smallest number of digits.
        fewest: usize,
        /// Largest number of digits.
        most: usize,
        /// Whether "-" is allowed between them.
        hyphen: bool,
    },
    /// A telephone number, 10 or 11 digits.
    Phone,
    /// One of a closed list, by its id in `vocabulary.toml`.
    Vocabulary {
        /// Id of the list.
        vocabulary: String,
    },
    /// 続柄: up to four of the list `relationship`, joined by の (JK-1.1.11).
    Relationship,
    /// はい or いいえ.
    YesNo,
    /// 押印欄; never asked, stays empty on paper.
    Seal,
    /// 署名欄; filled from the application's signature.
    Signature,
    /// Made from other values; asked only through its parts.
    Computed,
}

/// Text of a `YesNo` value that is yes.
pub const YES: &str = "はい";
/// Text of a `YesNo` value that is no.
pub const NO: &str = "いいえ";

/// The question that asks for a value: a full polite sentence, the title of its page.
#[derive(Clone, PartialEq, Debug)]
pub struct FieldQuestion {
    /// Asked about another person, whose name stands for `{person}`; or about nobody in particular.
    pub title: Words,
    /// Asked about the person who uses the kiosk, in languages whose grammar needs another sentence for it.
    pub title_self: Words,
}

/// A field: one value of a visit, or one for each person.
#[derive(Clone, PartialEq, Debug)]
pub struct Field {
    /// Key, maybe with `{person}`.
    pub key: ValueKey,
    /// Its short name on the review and on paper; `{person}` in the words is the person's name.
    pub label: Words,
    /// The question; none for what is never asked (seals, signatures, what the kiosk itself fills).
    pub ask: Option<FieldQuestion>,
    /// A line of help under the question.
    pub help: Option<Words>,
    /// How it is entered.
    pub kind: FieldKind,
    /// Sources in order of preference where several know it.
    pub prefer: Vec<Source>,
    /// Parts it is composed of when no source knows the whole (an address: town, number, building).
    pub parts: Vec<ValueKey>,
    /// Another value it repeats when it has none of its own; may hold `{person}` and `{applicant}`.
    pub same_as: Option<ValueKey>,
    /// Other values to repeat in some life events, by the event's id; `same_as` in all others.
    pub same_as_in: BTreeMap<String, ValueKey>,
    /// What the life event itself decides: a 転入 makes 異動の種類 「転入」.
    pub by_event: BTreeMap<String, String>,
    /// Whether the resident may change it at the kiosk.
    pub editable: bool,
    /// Full-width characters that its smallest box on any form holds; what is longer goes on the continuation list.
    pub room: Option<usize>,
}

impl Field {
    /// Whether a value may be too long for a box of some form. Every character counts as one of full width, which is
    /// the most that it can take, but ASCII, which never takes more than two thirds of it.
    #[must_use]
    pub fn may_overflow(&self, text: &str) -> bool {
        let thirds = |c: char| if c.is_ascii() { 2 } else { 3 };
        let wide: usize = text.chars().map(thirds).sum();
        self.room.is_some_and(|room| wide > room * 3)
    }

    /// The key of the value that this field repeats in this life event, when there is such a person.
    #[must_use]
    pub fn repeats(
        &self,
        event: &str,
        person: Option<&str>,
        applicant: Option<&str>,
    ) -> Option<ValueKey> {
        let same = self.same_as_in.get(event).or(self.same_as.as_ref())?;
        match applicant {
            Some(id) => Some(key_for(&same.replace(APPLICANT, id), person)),
            None if same.contains(APPLICANT) => None,
            None => Some(key_for(same, person)),
        }
    }
}

/// When a field of a form is needed.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct When {
    /// The value that decides, maybe with `{person}`.
    pub key: ValueKey,
    /// Needed when the value is one of these.
    #[serde(default)]
    pub is: Vec<String>,
    /// Needed when the value is there and none of these.
    #[serde(default)]
    pub not: Vec<String>,
}

impl When {
    /// Whether the condition holds.
    #[must_use]
    pub fn holds(&self, values: &ValueSet, person: Option<&str>) -> bool {
        let text = values.text(&key_for(&self.key, person)).to_owned();
        let among = self.is.is_empty() || self.is.contains(&text);
        among && (self.not.is_empty() || (!text.is_empty() && !self.not.contains(&text)))
    }
}

/// 方書 (building and room) may be absent from an address.
pub(crate) fn optional_part(key: &str) -> bool {
    key.ends_with(".building")
}

/// Puts the person's id into a key.
#[must_use]
pub fn key_for(key: &str, person: Option<&str>) -> ValueKey {
    person.map_or_else(|| key.to_owned(), |id| key.replace(PERSON, id))
}

/// The person's id in a key such as `persons[A].name`.
#[must_use]
pub fn person_of(key: &str) -> Option<&str> {
    key.strip_prefix("persons[")?
        .split_once(']')
        .map(|(id, _)| id)
}
