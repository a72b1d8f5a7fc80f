//! Makes what the store keeps beside a sealed application, so that it can be listed and searched without being opened.

use application::{Application, CardCheck};
use cloud_store::Index;

use super::names::NameKey;

/// Makes the index of an application. It is found by the names of its earlier versions, too: somebody may still ask for the
/// old spelling.
#[must_use]
pub fn index(application: &Application, earlier: &[&Application], key: &NameKey) -> Index {
    let lines = &application.plan.lines;
    let due = lines.iter().filter_map(|line| line.due.date()).min();
    let plain = |id: &&str| {
        !id.is_empty()
            && id
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    };
    let counters = lines
        .iter()
        .map(|line| line.counter.as_str())
        .filter(plain)
        .map(str::to_owned)
        .collect();
    let versions = std::iter::once(application).chain(earlier.iter().copied());
    let names = key.seal(&application.id, versions.flat_map(names));
    Index {
        due: due.map(|day| day.to_string()),
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

/// As the store keeps it.
pub(crate) fn card_word(card: CardCheck) -> &'static str {
    match card {
        CardCheck::None => "none",
        CardCheck::Unverified => "unverified",
        CardCheck::Verified => "verified",
    }
}
