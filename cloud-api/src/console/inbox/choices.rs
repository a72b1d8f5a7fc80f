//! What the list can be narrowed by.

use std::collections::BTreeMap;

use cloud_store::ApplicationStatus;
use guidance::Catalogue;
use serde::Deserialize;

use crate::labels::Label;
use crate::language::Language;

#[derive(Deserialize, Default)]
pub(in crate::console) struct InboxQuery {
    #[serde(default)]
    pub(super) state: String,
    #[serde(default)]
    pub(super) counter: String,
    #[serde(default)]
    pub(super) due: String,
    #[serde(default)]
    pub(super) mine: String,
}

impl InboxQuery {
    /// This query as an address has it, with one part replaced.
    pub(super) fn with(&self, name: &str, value: &str) -> String {
        let parts = [
            ("state", &self.state),
            ("counter", &self.counter),
            ("due", &self.due),
            ("mine", &self.mine),
        ];
        let kept = parts
            .iter()
            .map(|(own, text)| (*own, if *own == name { value } else { text.as_str() }))
            .filter(|(_, text)| !text.is_empty());
        let text = serde_urlencoded::to_string(kept.collect::<Vec<_>>()).unwrap_or_default();
        if text.is_empty() {
            "?".to_owned()
        } else {
            format!("?{text}")
        }
    }
}

/// A way to narrow the list, as a link.
pub(super) struct Choice {
    pub(super) title: String,
    pub(super) query: String,
    pub(super) here: bool,
    pub(super) count: Option<i64>,
}

/// One link for each status, with how many applications have it.
pub(super) fn statuses(
    language: Language,
    query: &InboxQuery,
    counts: &BTreeMap<ApplicationStatus, i64>,
) -> Vec<Choice> {
    let all = Choice {
        title: language.say("すべて").to_owned(),
        query: query.with("state", ""),
        here: query.state.is_empty(),
        count: Some(counts.values().sum()),
    };
    let each = ApplicationStatus::ALL.iter().map(|status| Choice {
        title: language.say(status.japanese()).to_owned(),
        query: query.with("state", status.as_str()),
        here: query.state == status.as_str(),
        count: Some(counts.get(status).copied().unwrap_or_default()),
    });
    std::iter::once(all).chain(each).collect()
}

/// The counters of the catalogue.
pub(super) fn counters(
    language: Language,
    query: &InboxQuery,
    catalogue: Option<&Catalogue>,
) -> Vec<Choice> {
    let known = catalogue.map_or(&[][..], |catalogue| catalogue.document().counter.as_slice());
    let all = Choice {
        title: language.say("すべての窓口").to_owned(),
        query: String::new(),
        here: query.counter.is_empty(),
        count: None,
    };
    let each = known.iter().map(|counter| Choice {
        title: language.of_words(&counter.title).to_owned(),
        query: counter.id.clone(),
        here: query.counter == counter.id,
        count: None,
    });
    std::iter::once(all).chain(each).collect()
}

/// Near and past due dates.
pub(super) fn dues(language: Language, query: &InboxQuery) -> Vec<Choice> {
    [
        ("", "すべての期限"),
        ("near", "3日以内"),
        ("over", "期限過ぎ"),
    ]
    .into_iter()
    .map(|(word, title)| Choice {
        title: language.say(title).to_owned(),
        query: word.to_owned(),
        here: query.due == word,
        count: None,
    })
    .collect()
}
