//! The fixed words of a receipt, in every language, as data (`assets/forms/receipt.toml`).

use std::collections::BTreeMap;

use guidance::Words;
use jiff::civil::{Date, Weekday};

use crate::error::PaperError;

/// Keys that the receipt uses.
const KEYS: [&str; 12] = [
    "heading",
    "number",
    "whom",
    "procedures",
    "by",
    "overdue",
    "counter",
    "here",
    "fee",
    "bring",
    "next",
    "code",
];

/// The fixed words.
#[derive(Clone, PartialEq, Debug)]
pub struct ReceiptWords(BTreeMap<String, Words>);

impl ReceiptWords {
    /// Reads `receipt.toml`: key → language → text.
    ///
    /// # Errors
    /// [`PaperError::Words`] when it isn't TOML or a key lacks its Japanese.
    pub fn from_toml(text: &str) -> Result<Self, PaperError> {
        let words: BTreeMap<String, Words> =
            toml::from_str(text).map_err(|error| PaperError::Words(error.to_string()))?;
        match KEYS.iter().find(|key| {
            words
                .get(**key)
                .and_then(|words| words.exact("ja"))
                .is_none()
        }) {
            Some(key) => Err(PaperError::Words(format!("{key:?} has no Japanese"))),
            None => Ok(Self(words)),
        }
    }

    pub(crate) fn get(&self, key: &str, language: &str) -> String {
        self.0
            .get(key)
            .map_or(String::new(), |words| without_ruby(words.get(language)))
    }

    /// The words in exactly this language, with `{name}` replaced.
    pub(crate) fn with(&self, key: &str, language: &str, name: &str, text: &str) -> String {
        self.get(key, language)
            .replace(&format!("{{{name}}}"), text)
    }
}

/// `{漢字|かんじ}` becomes 漢字(かんじ): paper of this width has no room above the line.
pub(crate) fn without_ruby(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        match after.split_once('}') {
            Some((inside, tail)) => {
                match inside.split_once('|') {
                    Some((kanji, reading)) => out.push_str(&format!("{kanji}({reading})")),
                    None => out.push_str(&format!("{{{inside}}}")),
                }
                rest = tail;
            }
            None => {
                out.push('{');
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}

/// A day as people say it: 「5月11日(月)」, "Mon 11 May".
pub(crate) fn day(date: Date, language: &str) -> String {
    let japanese = ["月", "火", "水", "木", "金", "土", "日"];
    let english = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
    let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let weekday = usize::try_from(Weekday::to_monday_zero_offset(date.weekday())).unwrap_or(0);
    let month = usize::try_from(date.month() - 1).unwrap_or(0);
    if language.starts_with("ja") {
        format!(
            "{}月{}日({})",
            date.month(),
            date.day(),
            japanese.get(weekday).unwrap_or(&"")
        )
    } else {
        format!(
            "{} {} {}",
            english.get(weekday).unwrap_or(&""),
            date.day(),
            months.get(month).unwrap_or(&"")
        )
    }
}
