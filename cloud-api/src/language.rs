//! The language that somebody reads the console in, and what its Japanese sentences are in English.
//!
//! The Japanese sentence is the key: pages and code hold what Japanese readers see, one table gives the English. A sentence
//! without English is shown in Japanese, so that no page breaks; a test holds that there is none.

use std::collections::HashMap;
use std::convert::Infallible;
use std::fmt::{Display, Write as _};
use std::sync::LazyLock;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use guidance::Words;
use kiosk_api::ProblemCode;

use crate::cookies;

/// The cookie in which a browser keeps the language that was chosen on a page.
pub const LANGUAGE_COOKIE: &str = "language";

/// Japanese sentence → English one. A part of the program, so that it parses: a test has read it.
static ENGLISH: LazyLock<HashMap<String, String>> = LazyLock::new(|| {
    toml::from_str(include_str!("../../assets/console/en.toml")).unwrap_or_default()
});

/// A language of the console.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Language {
    /// 日本語, for whoever does not ask for anything else.
    #[default]
    Japanese,
    /// English.
    English,
}

impl Language {
    /// As the cookie, the catalogue's words and `<html lang>` name it.
    #[must_use]
    pub fn tag(self) -> &'static str {
        match self {
            Self::Japanese => "ja",
            Self::English => "en",
        }
    }

    /// From its tag.
    #[must_use]
    pub fn from_tag(tag: &str) -> Option<Self> {
        let both = [Self::Japanese, Self::English];
        both.into_iter().find(|one| one.tag() == tag)
    }

    /// What it calls itself.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Japanese => "日本語",
            Self::English => "English",
        }
    }

    /// The language that a page offers to change to.
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::Japanese => Self::English,
            Self::English => Self::Japanese,
        }
    }

    /// Of whoever sends these headers: as chosen on a page, else as the browser is set.
    #[must_use]
    pub fn of(headers: &HeaderMap) -> Self {
        let chosen = cookies::presented(headers, LANGUAGE_COOKIE).and_then(Self::from_tag);
        chosen.unwrap_or_else(|| accepted(headers))
    }

    /// A Japanese sentence in this language. What stands behind `##` tells two uses of one word apart and is never shown.
    #[must_use]
    pub fn say(self, japanese: &str) -> &str {
        let own = || japanese.split_once("##").map_or(japanese, |(text, _)| text);
        match self {
            Self::Japanese => own(),
            Self::English => ENGLISH.get(japanese).map_or_else(own, String::as_str),
        }
    }

    /// The same, with each `{}` replaced by its value.
    #[must_use]
    pub fn fill(self, japanese: &str, values: &[&dyn Display]) -> String {
        let mut parts = self.say(japanese).split("{}");
        let mut text = parts.next().unwrap_or_default().to_owned();
        for (part, value) in parts.zip(values) {
            // Writing into a string does not fail.
            let _ = write!(text, "{value}{part}");
        }
        text
    }

    /// A text of the catalogue or the forms; Japanese where it has no other.
    #[must_use]
    pub fn of_words(self, words: &Words) -> &str {
        words.get(self.tag())
    }

    /// What a problem is called.
    #[must_use]
    pub fn of_problem(self, code: ProblemCode) -> &'static str {
        match self {
            Self::Japanese => code.japanese(),
            Self::English => code.english(),
        }
    }
}

/// RFC 9110, 12.5.4: the language of the highest quality, the first of equals.
fn accepted(headers: &HeaderMap) -> Language {
    let wish = headers.get(header::ACCEPT_LANGUAGE);
    let wish = wish.and_then(|value| value.to_str().ok());
    let mut best = (Language::default(), 0.0);
    for (language, quality) in wish.unwrap_or_default().split(',').filter_map(range) {
        if quality > best.1 {
            best = (language, quality);
        }
    }
    best.0
}

/// `en-US;q=0.8` → English, 0.8.
fn range(text: &str) -> Option<(Language, f32)> {
    let mut parts = text.split(';').map(str::trim);
    let primary = parts.next()?.split('-').next()?.to_ascii_lowercase();
    let quality = parts.find_map(|part| part.strip_prefix("q="));
    let quality = quality.map_or(Some(1.0), |text| text.parse().ok())?;
    Some((Language::from_tag(&primary)?, quality))
}

impl<S: Send + Sync> FromRequestParts<S> for Language {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::of(&parts.headers))
    }
}
