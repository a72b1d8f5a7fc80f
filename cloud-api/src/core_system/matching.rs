//! When two spellings are the same (docs/core-system.md, "Normalisation").

use kiosk_api::FourItems;
use unicode_normalization::UnicodeNormalization;

use super::record::{Address, PersonRecord};

/// The comparable form of a name or address.
#[must_use]
pub fn normal(text: &str) -> String {
    let folded: Vec<char> = text
        .nfkc()
        .filter(|c| !c.is_whitespace() && !is_variation_selector(*c))
        .map(|c| if is_dash(c) { '-' } else { c })
        .collect();
    let digit = |at: Option<usize>| {
        at.and_then(|at| folded.get(at))
            .is_some_and(char::is_ascii_digit)
    };
    let mut normal = String::with_capacity(text.len());
    for (at, c) in folded.iter().enumerate() {
        // 「１ー２」 is a hyphen typed as a long vowel mark; 「ハーバー」 is not.
        let hyphen = *c == 'ー' && (digit(at.checked_sub(1)) || digit(at.checked_add(1)));
        normal.extend(if hyphen { '-' } else { *c }.to_lowercase());
    }
    normal
}

fn is_variation_selector(c: char) -> bool {
    matches!(c, '\u{FE00}'..='\u{FE0F}' | '\u{E0100}'..='\u{E01EF}')
}

fn is_dash(c: char) -> bool {
    matches!(c, '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{FF0D}')
}

/// `3`, `9` and `0` all say 適用不能.
pub(super) fn sex(digit: &str) -> char {
    match digit.trim() {
        "1" => '1',
        "2" => '2',
        _ => '9',
    }
}

/// Whether the person is the one of these four items. The building may stand in the card's address or not.
#[must_use]
pub fn same_person(items: &FourItems, person: &PersonRecord, address: &Address) -> bool {
    let building = address.building.as_deref().unwrap_or_default();
    let given = normal(&items.address);
    let whole = normal(&format!("{}{building}", address.text));
    person.birth_date == Some(items.birth_date)
        && sex(&items.sex.to_string()) == sex(&person.sex)
        && normal(&items.name) == normal(&person.name)
        && (given == normal(&address.text) || given == whole)
}
