//! Keys that authenticate what is stored. They are never in the database, so that whoever writes to it can make no tag.

use std::collections::BTreeMap;

use aws_lc_rs::hmac::{self, HMAC_SHA256};
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};

use crate::audit::{Entry, link};
use crate::realm::TenantScope;
use crate::{Realm, StoreError};

/// HMAC-SHA256.
pub(crate) type Tag = [u8; 32];

/// Bytes of a token that stands for an answer; of three that are possible one must be known again.
const TOKEN: usize = 16;

/// The keys of one realm, each for one purpose.
pub struct RealmKeys {
    rows: hmac::Key,
    trail: hmac::Key,
    answers: hmac::Key,
    heads: Ed25519KeyPair,
}

impl RealmKeys {
    /// Asks for 32 secret bytes for each purpose: `rows`, `trail`, `answers`, `heads`.
    ///
    /// # Errors
    /// [`StoreError::Keys`] when the bytes for `heads` are no Ed25519 seed of 32 bytes.
    pub fn new<K: AsRef<[u8]>>(secret: impl Fn(&str) -> K) -> Result<Self, StoreError> {
        let mac = |purpose| hmac::Key::new(HMAC_SHA256, secret(purpose).as_ref());
        let heads = Ed25519KeyPair::from_seed_unchecked(secret("heads").as_ref());
        Ok(Self {
            rows: mac("rows"),
            trail: mac("trail"),
            answers: mac("answers"),
            heads: heads.map_err(|_| StoreError::Keys)?,
        })
    }

    /// Signs the head of a trail, Ed25519.
    #[must_use]
    pub fn sign_head(&self, message: &[u8]) -> [u8; 64] {
        let mut signature = [0; 64];
        signature.copy_from_slice(self.heads.sign(message).as_ref());
        signature
    }

    /// What a signed head is checked with; no secret.
    #[must_use]
    pub fn head_key(&self) -> [u8; 32] {
        let mut key = [0; 32];
        key.copy_from_slice(self.heads.public_key().as_ref());
        key
    }

    /// Whether this program wrote an entry of the trail.
    #[must_use]
    pub fn wrote(&self, entry: &Entry) -> bool {
        let tag = self.trail_tag(&entry.hash.0);
        entry.tag.is_some_and(|found| found.0 == tag) && entry.hash == link(entry)
    }

    pub(crate) fn row_tag(&self, parts: &Parts) -> Tag {
        tag(&self.rows, parts)
    }

    pub(crate) fn is_row_tag(&self, parts: &Parts, given: Option<&[u8]>) -> bool {
        let given = given.unwrap_or_default();
        hmac::verify(&self.rows, &parts.0, given).is_ok()
    }

    pub(crate) fn trail_tag(&self, hash: &[u8; 32]) -> Tag {
        tag(&self.trail, &Parts(hash.to_vec()))
    }

    /// What stands in the database for a word about one thing; another thing's token for the same word is another.
    pub(crate) fn token(&self, tenant: &str, about: &str, word: &str) -> Vec<u8> {
        let parts = Parts::of("answer").text(tenant).text(about).text(word);
        tag(&self.answers, &parts)
            .iter()
            .copied()
            .take(TOKEN)
            .collect()
    }
}

fn tag(key: &hmac::Key, parts: &Parts) -> Tag {
    let mut tag = [0; 32];
    tag.copy_from_slice(hmac::sign(key, &parts.0).as_ref());
    tag
}

/// The keys of every realm that has some.
#[derive(Default)]
pub(crate) struct Keys(BTreeMap<String, RealmKeys>);

impl Keys {
    pub(crate) fn new(keys: impl IntoIterator<Item = (Realm, RealmKeys)>) -> Self {
        let named = |(realm, keys): (Realm, RealmKeys)| (realm.as_str().to_owned(), keys);
        Self(keys.into_iter().map(named).collect())
    }

    pub(crate) fn of(&self, scope: &(impl TenantScope + ?Sized)) -> Option<&RealmKeys> {
        self.0.get(scope.tenant())
    }
}

/// What a tag covers. Each part is preceded by its length, and what may be missing by whether it is there, so that no two
/// lists of parts have the same bytes.
pub(crate) struct Parts(Vec<u8>);

impl Parts {
    /// Begins with what kind of thing it is.
    pub(crate) fn of(kind: &str) -> Self {
        Self(Vec::with_capacity(512)).text(kind)
    }

    pub(crate) fn bytes(mut self, bytes: &[u8]) -> Self {
        self.0
            .extend_from_slice(&(bytes.len() as u64).to_be_bytes());
        self.0.extend_from_slice(bytes);
        self
    }

    pub(crate) fn text(self, text: &str) -> Self {
        self.bytes(text.as_bytes())
    }

    pub(crate) fn number(self, number: i64) -> Self {
        self.bytes(&number.to_be_bytes())
    }

    pub(crate) fn text_if_any(self, text: Option<&str>) -> Self {
        match text {
            Some(text) => self.number(1).text(text),
            None => self.number(0),
        }
    }
}
