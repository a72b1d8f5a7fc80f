//! Names that can be searched for without being readable in the database (JK-2.1.2: voiced marks, small kana, long vowels,
//! spaces and hyphens do not matter, nor do common variants of kanji).
//!
//! Each application's folded names are sealed together with a key of the town's; a search opens them one after the other, the
//! newest first. Nothing that is stored is equal for equal names, so that how often a name occurs tells nothing, which keyed
//! hashes of short beginnings would. It costs time in proportion to how many applications there are (docs/operations.md).

use std::collections::BTreeSet;

use application::characters::katakana;
use aws_lc_rs::aead::{AES_256_GCM, Aad, Nonce, RandomizedNonceKey};
use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

use kiosk_api::ProblemCode;

use crate::core_system::normal;
use crate::refusal::Refusal;
use crate::tenant::RealmKey;

/// Names are padded to a multiple of so many bytes: a family's fit into one or two.
const PAGE: usize = 256;
const NONCE: usize = 12;

/// Variants that people use for one another, to the one that stands for all. From JIS X 0213's and the family registers'
/// well-known pairs; not a full table of the ministry's, which is not public as data.
const VARIANTS: [(char, char); 30] = [
    ('邊', '辺'),
    ('邉', '辺'),
    ('齋', '斎'),
    ('齊', '斎'),
    ('斉', '斎'),
    ('髙', '高'),
    ('﨑', '崎'),
    ('嵜', '崎'),
    ('濵', '浜'),
    ('濱', '浜'),
    ('澤', '沢'),
    ('廣', '広'),
    ('國', '国'),
    ('櫻', '桜'),
    ('眞', '真'),
    ('德', '徳'),
    ('𠮷', '吉'),
    ('嶋', '島'),
    ('嶌', '島'),
    ('槇', '槙'),
    ('惠', '恵'),
    ('榮', '栄'),
    ('瀨', '瀬'),
    ('龍', '竜'),
    ('藏', '蔵'),
    ('瀧', '滝'),
    ('增', '増'),
    ('曾', '曽'),
    ('濤', '涛'),
    ('關', '関'),
];

/// What is the same however it is typed.
#[must_use]
pub fn fold(text: &str) -> String {
    katakana(&normal(text))
        .nfd()
        .filter(|c| {
            !matches!(
                c,
                '\u{3099}' | '\u{309A}' | 'ー' | '-' | '‐' | '・' | '\'' | '’'
            )
        })
        .map(large)
        .map(|c| {
            VARIANTS
                .iter()
                .find(|(variant, _)| *variant == c)
                .map_or(c, |(_, stands)| *stands)
        })
        .collect()
}

/// ャ and ヤ, ッ and ツ are one.
fn large(c: char) -> char {
    const SMALL: &str = "ァィゥェォッャュョヮヵヶ";
    const LARGE: &str = "アイウエオツヤユヨワカケ";
    SMALL
        .chars()
        .zip(LARGE.chars())
        .find(|(small, _)| *small == c)
        .map_or(c, |(_, large)| large)
}

/// A town's key for names.
pub struct NameKey(RandomizedNonceKey);

impl NameKey {
    /// The key of a town.
    ///
    /// # Errors
    /// When the cryptography refuses, which it has no reason to.
    pub fn of(town: &RealmKey) -> Result<Self, Refusal> {
        let key = town.derive("sealed names");
        let key = RandomizedNonceKey::new(&AES_256_GCM, &*key);
        Ok(Self(key.map_err(|_| ProblemCode::Internal)?))
    }

    /// Seals the names of an application: folded, each once, padded so that their length tells little.
    #[must_use]
    pub fn seal<'a>(&self, application: &str, names: impl IntoIterator<Item = &'a str>) -> Vec<u8> {
        let folded: BTreeSet<String> = names.into_iter().map(fold).collect();
        let mut text: Vec<u8> = folded
            .into_iter()
            .collect::<Vec<_>>()
            .join("\n")
            .into_bytes();
        text.resize(text.len().next_multiple_of(PAGE).max(PAGE), b'\n');
        let aad = Aad::from(application.as_bytes());
        match self.0.seal_in_place_append_tag(aad, &mut text) {
            Ok(nonce) => {
                text.extend_from_slice(nonce.as_ref());
                text
            }
            // Found by number only, then.
            Err(_) => Vec::new(),
        }
    }

    /// Whether a name of an application contains this folded text; what does not open contains nothing.
    #[must_use]
    pub fn contains(&self, application: &str, sealed: &[u8], searched: &str) -> bool {
        self.open(application, sealed).is_some_and(|text| {
            std::str::from_utf8(&text)
                .is_ok_and(|text| text.lines().any(|name| name.contains(searched)))
        })
    }

    fn open(&self, application: &str, sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let (text, nonce) = sealed.split_at_checked(sealed.len().checked_sub(NONCE)?)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let mut text = Zeroizing::new(text.to_vec());
        let aad = Aad::from(application.as_bytes());
        let length = self.0.open_in_place(nonce, aad, &mut text).ok()?.len();
        text.truncate(length);
        Some(text)
    }
}
