//! Names that can be searched for without being stored: keyed hashes of the folded name, of its parts, and of its beginnings
//! (JK-2.1.2: voiced marks, small kana, long vowels, spaces and hyphens do not matter, nor do common variants of kanji).

use application::characters::katakana;
use aws_lc_rs::hmac::{HMAC_SHA256, Key, sign};
use unicode_normalization::UnicodeNormalization;

use crate::core_system::normal;
use crate::tenant::RealmKey;

/// Bytes of a token; two names of one town meet by chance once in 2⁴⁸ pairs.
const TOKEN: usize = 12;
/// Beginnings of these lengths can be searched for, beside the whole and its parts.
const BEGINNINGS: [usize; 3] = [2, 3, 4];

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
pub struct NameKey(Key);

impl NameKey {
    /// The key of a town.
    #[must_use]
    pub fn of(town: &RealmKey) -> Self {
        Self(Key::new(HMAC_SHA256, &*town.derive("names")))
    }

    fn token(&self, folded: &str) -> Vec<u8> {
        let tag = sign(&self.0, folded.as_bytes());
        tag.as_ref().iter().copied().take(TOKEN).collect()
    }

    /// What a name is found by.
    #[must_use]
    pub fn tokens(&self, name: &str) -> Vec<Vec<u8>> {
        let whole = fold(name);
        let mut texts: Vec<String> = name.split_whitespace().map(fold).collect();
        texts.extend(
            BEGINNINGS
                .iter()
                .map(|length| whole.chars().take(*length).collect()),
        );
        texts.push(whole);
        texts.retain(|text| !text.is_empty());
        texts.sort();
        texts.dedup();
        texts.iter().map(|text| self.token(text)).collect()
    }

    /// What is looked for: the whole text first; should nothing have it, the longest beginning that is kept, after which
    /// each find must be opened and compared.
    #[must_use]
    pub fn search_tokens(&self, typed: &str) -> Option<(Vec<u8>, Option<Vec<u8>>)> {
        let folded = fold(typed);
        let length = folded.chars().count();
        if length == 0 {
            return None;
        }
        let longest = BEGINNINGS.iter().copied().max().unwrap_or_default();
        let beginning = (length > longest).then(|| {
            let beginning: String = folded.chars().take(longest).collect();
            self.token(&beginning)
        });
        Some((self.token(&folded), beginning))
    }
}
