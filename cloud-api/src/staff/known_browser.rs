//! Browsers in which somebody has logged in before. Guesses from anywhere else cannot shut such a browser out, because its
//! tries are counted apart; a stranger cannot make one, because a mark is a MAC under the realm's own key.

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::SignedDuration;
use kiosk_api::ProblemCode;

use super::Bearer;
use crate::tenant::RealmKey;

/// The cookie's name.
pub const BROWSER_COOKIE: &str = "genkan-browser";
/// How long a browser stays known.
pub const BROWSER_KNOWN: SignedDuration = SignedDuration::from_hours(180 * 24);
/// Most people of one browser: a counter's computer has several.
const MOST_PEOPLE: usize = 12;
/// Longest cookie that is read.
const LONGEST: usize = 2_000;

/// A browser by a random name, with a mark for each log-in name that was used in it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct KnownBrowser {
    name: String,
    marks: Vec<String>,
}

impl KnownBrowser {
    /// A new one, in which nobody has logged in.
    ///
    /// # Errors
    /// The system gave no randomness.
    pub fn new() -> Result<Self, ProblemCode> {
        Ok(Self {
            name: Bearer::new()?.reveal().to_owned(),
            marks: Vec::new(),
        })
    }

    /// As the cookie holds it.
    #[must_use]
    pub fn presented(text: &str) -> Option<Self> {
        if text.len() > LONGEST {
            return None;
        }
        let mut parts = text.split('.').map(ToOwned::to_owned);
        let name = parts.next().filter(|name| !name.is_empty())?;
        let marks = parts.take(MOST_PEOPLE).collect();
        Some(Self { name, marks })
    }

    /// For the cookie.
    #[must_use]
    pub fn text(&self) -> String {
        let parts = std::iter::once(&self.name).chain(&self.marks);
        parts.map(String::as_str).collect::<Vec<_>>().join(".")
    }

    /// Whether somebody has logged in here by this name.
    #[must_use]
    pub fn knows(&self, key: &RealmKey, login: &str) -> bool {
        let (key, of) = (mac_key(key), self.of(login));
        let mut marks = self.marks.iter();
        marks.any(|mark| {
            let mark = URL_SAFE_NO_PAD.decode(mark).unwrap_or_default();
            hmac::verify(&key, of.as_bytes(), &mark).is_ok()
        })
    }

    /// With this name, which was used last.
    #[must_use]
    pub fn with(mut self, key: &RealmKey, login: &str) -> Self {
        let mark = hmac::sign(&mac_key(key), self.of(login).as_bytes());
        let mark = URL_SAFE_NO_PAD.encode(mark.as_ref());
        self.marks.retain(|own| *own != mark);
        self.marks.insert(0, mark);
        self.marks.truncate(MOST_PEOPLE);
        self
    }

    /// What a mark is about. A browser's name has no space.
    pub(super) fn of(&self, login: &str) -> String {
        format!("{} {login}", self.name)
    }
}

fn mac_key(key: &RealmKey) -> hmac::Key {
    hmac::Key::new(hmac::HMAC_SHA256, &*key.derive("known browser"))
}
