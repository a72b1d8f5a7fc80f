//! What the inbox keeps beside a sealed application, so that it can be listed and searched without being opened.

use std::collections::BTreeSet;

use application::Application;

use super::names::NameKey;

/// The columns beside an envelope. No Debug: tokens are of people, if only to who has the key.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Index {
    /// The earliest due date of its plan, ISO.
    pub due: Option<String>,
    /// Counters that its plan names, by id.
    pub counters: BTreeSet<String>,
    /// What its people's names are found by.
    pub names: BTreeSet<Vec<u8>>,
}

/// Makes the index of an application.
#[must_use]
pub fn index(application: &Application, key: &NameKey) -> Index {
    let lines = application
        .plan
        .get("lines")
        .and_then(|lines| lines.as_array())
        .map_or(&[][..], Vec::as_slice);
    let text = |line: &serde_json::Value, path: &str| {
        let value = line.pointer(path).and_then(|value| value.as_str());
        value.map(ToOwned::to_owned)
    };
    // Days are ISO, so that the least text is the earliest day.
    let due = lines
        .iter()
        .filter_map(|line| text(line, "/due/date"))
        .filter(|day| day.parse::<jiff::civil::Date>().is_ok())
        .min();
    let plain = |id: &String| {
        !id.is_empty()
            && id
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    };
    let counters = lines
        .iter()
        .filter_map(|line| text(line, "/counter"))
        .filter(plain)
        .collect();
    let names = names(application)
        .flat_map(|name| key.tokens(name))
        .collect();
    Index {
        due,
        counters,
        names,
    }
}

/// Every name of an application, in kanji and kana.
pub(super) fn names(application: &Application) -> impl Iterator<Item = &str> {
    application
        .values
        .iter()
        .filter(|(key, _)| key.ends_with(".name") || key.ends_with(".name_kana"))
        .map(|(_, value)| value.text.as_str())
        .filter(|text| !text.is_empty())
}

impl Index {
    /// Counters as one column: ` a b `, so that one can be looked for between spaces.
    #[must_use]
    pub fn counters_column(&self) -> String {
        if self.counters.is_empty() {
            return String::new();
        }
        let words: Vec<&str> = self.counters.iter().map(String::as_str).collect();
        format!(" {} ", words.join(" "))
    }
}
