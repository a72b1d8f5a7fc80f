//! The fixed words of receipt and plan slip, in every language, as data (`assets/forms/receipt.toml`).

use std::collections::BTreeMap;

use guidance::Words;
use jiff::civil::{Date, Weekday};

use super::{Counter, Receipt, When};
use crate::error::PaperError;

/// Keys that receipt and slip use.
const KEYS: [&str; 23] = [
    "heading",
    "slip",
    "number",
    "whom",
    "procedures",
    "by",
    "overdue",
    "before",
    "with",
    "soon",
    "after",
    "counter",
    "office",
    "here",
    "fee",
    "bring",
    "next",
    "go",
    "call",
    "later",
    "code",
    "when",
    "made",
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

    /// The words as they stand in the file, ruby and all.
    pub(crate) fn raw(&self, key: &str, language: &str) -> String {
        self.0
            .get(key)
            .map_or(String::new(), |words| words.get(language).to_owned())
    }

    /// The same with `{name}` replaced.
    pub(crate) fn raw_with(&self, key: &str, language: &str, name: &str, text: &str) -> String {
        self.raw(key, language)
            .replace(&format!("{{{name}}}"), text)
    }

    pub(crate) fn get(&self, key: &str, language: &str) -> String {
        in_kana(&self.raw(key, language))
    }

    pub(crate) fn with(&self, key: &str, language: &str, name: &str, text: &str) -> String {
        in_kana(&self.raw_with(key, language, name, text))
    }

    /// When a procedure is due, ruby and all; `None` where there is nothing to say.
    pub(crate) fn when(&self, when: &When, language: &str) -> Option<String> {
        let on = |key, date| Some(self.raw_with(key, language, "day", &day(date, language)));
        match when {
            When::By(date) => on("by", *date),
            When::Overdue(date) => on("overdue", *date),
            When::Before(date) => on("before", *date),
            When::With(other) => {
                Some(self.raw_with("with", language, "other", other.get(language)))
            }
            When::Soon => Some(self.raw("soon", language)),
            When::After(days) => Some(self.raw_with("after", language, "days", &days.to_string())),
            When::Any => None,
        }
    }

    /// 「1番 住民記録窓口（1階）」, ruby and all.
    pub(crate) fn counter(&self, counter: &Counter, language: &str) -> String {
        let key = if counter.number > 0 {
            "counter"
        } else {
            "office"
        };
        self.raw(key, language)
            .replace("{number}", &counter.number.to_string())
            .replace("{name}", counter.title.get(language))
            .replace("{place}", counter.place.get(language))
    }

    /// What happens next, ruby and all.
    pub(crate) fn next(&self, receipt: &Receipt, language: &str) -> Vec<String> {
        let mut next = Vec::new();
        if let Some(counter) = receipt.first_counter() {
            let counter = self.counter(counter, language);
            next.push(self.raw_with("go", language, "counter", &counter));
            next.push(self.raw("call", language));
        }
        if receipt.lines.iter().any(|line| !line.here) {
            next.push(self.raw("later", language));
        }
        let notice = receipt.notice.get(language);
        if !notice.is_empty() {
            next.push(notice.to_owned());
        }
        next
    }
}

/// `{漢字|かんじ}` becomes かんじ: paper of this width has no room above the line, and the kanji stand in the Japanese line
/// just before.
pub(crate) fn in_kana(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        match after.split_once('}') {
            Some((inside, tail)) => {
                match inside.split_once('|') {
                    Some((_, reading)) => out.push_str(reading),
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
