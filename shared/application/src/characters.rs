//! Which characters may stand on a form, and how typed text is made regular.
//!
//! Private-use characters mean different glyphs in every town (外字), so one from outside is refused rather than guessed.
//! Variation sequences (IVS) are kept: 辻󠄀 and 辻 are two people's names.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::problem::Problem;

/// Whether the character selects a variant of the one before it (VS1–16, VS17–256).
#[must_use]
pub fn is_variation_selector(c: char) -> bool {
    matches!(c, '\u{FE00}'..='\u{FE0F}' | '\u{E0100}'..='\u{E01EF}')
}

/// Whether the character has no meaning outside one town's machines (U+E000–F8FF, planes 15 and 16).
#[must_use]
pub fn is_private_use(c: char) -> bool {
    matches!(c, '\u{E000}'..='\u{F8FF}' | '\u{F0000}'..='\u{10FFFF}')
}

/// Whether the character turns the direction of text; it could make a name read otherwise than it is stored.
#[must_use]
pub fn is_direction_control(c: char) -> bool {
    matches!(c, '\u{061C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// Whether the character can't be printed at all: noncharacters, the tag and specials blocks, unassigned planes.
fn is_unassigned(c: char) -> bool {
    let code = c as u32;
    code & 0xFFFE == 0xFFFE
        || matches!(code, 0xFDD0..=0xFDEF | 0xFFF0..=0xFFFD | 0x2FE0..=0x2FEF | 0x323B0..=0xE00FF | 0xE01F0..=0xEFFFF)
}

fn is_invisible(c: char) -> bool {
    matches!(c, '\u{00AD}' | '\u{200B}'..='\u{200D}' | '\u{2060}'..='\u{2064}' | '\u{FEFF}' | '\u{2028}' | '\u{2029}')
}

/// Accepts text all of whose characters may be printed.
///
/// # Errors
/// The first character that may not, with the word key that says why (`problem.private_use`, `problem.control`,
/// `problem.direction`, `problem.unassigned`).
pub fn printable(text: &str) -> Result<(), Problem> {
    let mut before: Option<char> = None;
    for c in text.chars() {
        let key = if is_private_use(c) {
            "problem.private_use"
        } else if is_direction_control(c) {
            "problem.direction"
        } else if c.is_control() || is_invisible(c) {
            "problem.control"
        } else if is_unassigned(c)
            || (is_variation_selector(c) && before.is_none_or(is_variation_selector))
        {
            "problem.unassigned"
        } else {
            before = Some(c);
            continue;
        };
        return Err(Problem::new(key).with("code", format!("U+{:04X}", c as u32)));
    }
    Ok(())
}

/// Makes width regular without losing a name's shape: fullwidth digits and Latin to ASCII (brackets stay), halfwidth kana to fullwidth,
/// runs of any space to one ideographic space between names, ends trimmed. Kanji are never folded: compatibility
/// ideographs (神 U+FA19) and IVS stay as written.
#[must_use]
pub fn regular_width(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut kana = String::new();
    for c in text.chars() {
        if matches!(c, '\u{FF61}'..='\u{FF9F}') {
            kana.push(c);
            continue;
        }
        flush_kana(&mut kana, &mut out);
        match c {
            '０'..='９' | 'Ａ'..='Ｚ' | 'ａ'..='ｚ' | '－' | '．' | '／' | '＃' | '＆' | '＋' => {
                out.push(ascii_of(c))
            }
            ' ' | '\t' | '\u{00A0}' | '\u{3000}' => space(&mut out),
            _ => out.push(c),
        }
    }
    flush_kana(&mut kana, &mut out);
    out.truncate(out.trim_end_matches('\u{3000}').len());
    out
}

fn ascii_of(c: char) -> char {
    char::from_u32(c as u32 - 0xFEE0).unwrap_or(c)
}

fn flush_kana(kana: &mut String, out: &mut String) {
    out.extend(kana.nfkc());
    kana.clear();
}

fn space(out: &mut String) {
    if !out.is_empty() && !out.ends_with('\u{3000}') {
        out.push('\u{3000}');
    }
}

/// Hiragana to katakana, character by character.
#[must_use]
pub fn katakana(text: &str) -> String {
    let composed: String = if text.chars().any(is_combining_mark) {
        text.nfc().collect()
    } else {
        text.to_owned()
    };
    composed
        .chars()
        .map(|c| {
            if matches!(c, 'ぁ'..='ゖ' | 'ゝ' | 'ゞ') {
                char::from_u32(c as u32 + 0x60).unwrap_or(c)
            } else {
                c
            }
        })
        .collect()
}

/// Katakana with its marks and spaces, as furigana allow them.
#[must_use]
pub fn is_katakana_text(text: &str) -> bool {
    text.chars().all(|c| {
        matches!(
            c,
            'ァ'..='ヴ' | 'ヵ' | 'ヶ' | 'ー' | '・' | '\u{3000}' | 'ヽ' | 'ヾ'
        )
    })
}

/// ASCII digits of the text, hyphens of every kind as '-'.
#[must_use]
pub fn ascii_digits(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '０'..='９' => ascii_of(c),
            '‐' | '‑' | '–' | '—' | '−' | '－' | 'ー' | 'ｰ' => '-',
            _ => c,
        })
        .filter(|c| !c.is_whitespace())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_variants_and_refuses_private_use() {
        assert!(printable("辻󠄀\u{3000}𠮷郎").is_ok());
        assert_eq!(
            printable("山\u{E000}").unwrap_err().key,
            "problem.private_use"
        );
        assert_eq!(
            printable("\u{F0001}").unwrap_err().key,
            "problem.private_use"
        );
        assert_eq!(
            printable("a\u{202E}b").unwrap_err().key,
            "problem.direction"
        );
        assert_eq!(printable("a\u{7}").unwrap_err().key, "problem.control");
        assert_eq!(
            printable("\u{E0100}辻").unwrap_err().key,
            "problem.unassigned"
        );
    }

    #[test]
    fn width_is_regular() {
        assert_eq!(regular_width("  ﾔﾏﾀﾞ  ﾀﾛｳ "), "ヤマダ\u{3000}タロウ");
        assert_eq!(regular_width("１－２"), "1-2");
        assert_eq!(regular_width("神\u{FA19}"), "神\u{FA19}");
        assert_eq!(katakana("やまだ　たろう"), "ヤマダ　タロウ");
        assert_eq!(ascii_digits("０９０−１２３４ 5678"), "090-12345678");
    }
}
