//! One value of a fact: read, checked, and refused with its path.

use jiff::civil::Date;
use serde_json::{Value, json};
use thiserror::Error;

use crate::vocabulary::{FactId, FactKind, FactValue, Word, canonical_word};

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

/// A value as an error shows it: short, so that a message never repeats a whole document.
pub(crate) fn shown(value: &Value) -> String {
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

pub(crate) fn read_value(path: &str, fact: FactId, value: &Value) -> Result<FactValue, FactError> {
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

fn unknown_word(path: &str, found: &str, words: &[Word]) -> FactError {
    let known: Vec<&str> = words.iter().map(|(long, _)| *long).collect();
    FactError::new(
        path,
        format!(
            "unknown value {found}; expected one of {}",
            known.join(", ")
        ),
    )
}

pub(crate) fn check_value(
    path: &str,
    fact: FactId,
    value: FactValue,
) -> Result<FactValue, FactError> {
    read_value(path, fact, &json!(value))
}

pub(crate) fn read_date(path: &str, value: &Value) -> Result<Date, FactError> {
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

pub(crate) fn in_range(path: &str, date: Date) -> Result<Date, FactError> {
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
