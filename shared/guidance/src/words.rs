//! Text in several languages, as the catalogue holds it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// One text in several languages: language tag → text.
///
/// `ja` is always present in a loaded catalogue; `ja-simple` (やさしい日本語) marks readings as
/// `{漢字|かんじ}` and separates phrases by spaces. A title of a question about a person keeps the
/// placeholder `{person}`, which the screen replaces by the name it shows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Words(BTreeMap<String, String>);

impl Words {
    /// A text in Japanese only.
    #[must_use]
    pub fn ja(text: impl Into<String>) -> Self {
        Self(BTreeMap::from([("ja".to_owned(), text.into())]))
    }

    /// Builds a text from (language tag, text) pairs.
    #[must_use]
    pub fn from_pairs<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        Self(
            pairs
                .into_iter()
                .map(|(tag, text)| (tag.to_owned(), text.to_owned()))
                .collect(),
        )
    }

    /// The text in `language`, else in Japanese, else empty.
    #[must_use]
    pub fn get(&self, language: &str) -> &str {
        self.exact(language)
            .or_else(|| self.exact("ja"))
            .unwrap_or_default()
    }

    /// The text in exactly this language.
    #[must_use]
    pub fn exact(&self, language: &str) -> Option<&str> {
        self.0.get(language).map(String::as_str)
    }

    /// Adds or replaces one language, e.g. from a translation file.
    pub fn insert(&mut self, language: impl Into<String>, text: impl Into<String>) {
        self.0.insert(language.into(), text.into());
    }

    /// This text in these languages only, Japanese always; `ja-easy` is the reference data's name of `ja-simple`.
    pub(crate) fn in_languages(mut self, tags: &[String]) -> Self {
        let is_kept = |tag: &str| {
            let is_tag = |name: &String| name == tag || (name == "ja-easy" && tag == "ja-simple");
            tag == "ja" || tags.iter().any(is_tag)
        };
        self.0.retain(|tag, _| is_kept(tag));
        self
    }

    /// This text with those languages replaced that `other` has.
    #[must_use]
    pub fn replaced_by(mut self, other: &Words) -> Self {
        self.0.extend(
            other
                .0
                .iter()
                .map(|(tag, text)| (tag.clone(), text.clone())),
        );
        self
    }

    /// Language tags that this text has.
    pub fn languages(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// Whether no language is present.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
