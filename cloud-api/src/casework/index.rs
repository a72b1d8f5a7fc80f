//! Makes what the store keeps beside a sealed application, so that it can be listed and searched without being opened.

use application::Application;
use cloud_store::Index;

use super::names::NameKey;

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
