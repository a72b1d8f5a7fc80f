//! From a paper to its application: a scanner types the code's text into the field, a person types the number.

use application::parse_reception;
use kiosk_api::ApplicationId;
use paper::code::Code;

/// What was typed or scanned.
#[derive(PartialEq, Eq, Debug)]
pub(super) enum SearchTerm {
    /// A code of one of this town's papers: id and reception number, which must agree.
    Code(ApplicationId, String),
    /// A reception number.
    Reception(String),
    /// A name, or part of one.
    Name,
    /// Neither; why, for the clerk.
    Unclear(&'static str),
}

impl SearchTerm {
    /// Reads the field. A Japanese keyboard may be set to full width when the scanner types.
    pub(super) fn parse(typed: &str, town: &str) -> Self {
        let text: String = typed.trim().chars().map(half_width).collect();
        if let Ok(code) = Code::parse(&text.to_ascii_uppercase()) {
            if code.tenant != town {
                return SearchTerm::Unclear("ほかの自治体の書類のコードです。");
            }
            return code.application.parse().map_or(
                SearchTerm::Unclear("コードを読み取れませんでした。もう一度読み取ってください。"),
                |id| SearchTerm::Code(ApplicationId(id), code.reception.clone()),
            );
        }
        if text.to_ascii_uppercase().starts_with("GENKAN") {
            return SearchTerm::Unclear(
                "コードを読み取れませんでした。もう一度読み取ってください。",
            );
        }
        if !text.is_empty()
            && !text.bytes().any(|byte| byte.is_ascii_digit())
            && text.chars().all(nameable)
        {
            return SearchTerm::Name;
        }
        match parse_reception(&text) {
            Ok(number) => SearchTerm::Reception(number),
            Err(_) => SearchTerm::Unclear(
                "受付番号が正しくありません。書類の右上の番号をご確認ください。",
            ),
        }
    }
}

/// Letters of any script, and what may be between parts of a name.
fn nameable(character: char) -> bool {
    character.is_alphabetic()
        || matches!(
            character,
            ' ' | '\u{3000}' | '-' | '・' | '.' | '\'' | '々' | '〆' | 'ー'
        )
        || variation_selector(character)
}

/// Variation selectors, which choose a glyph of the letter before them.
fn variation_selector(character: char) -> bool {
    matches!(character, '\u{FE00}'..='\u{FE0F}' | '\u{E0100}'..='\u{E01EF}')
}

/// `Ａ１－` → `A1-`.
fn half_width(character: char) -> char {
    match character {
        '\u{FF01}'..='\u{FF5E}' => {
            char::from_u32(u32::from(character) - 0xFEE0).unwrap_or(character)
        }
        '\u{2212}' | '\u{2010}' | 'ー' => '-',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_numbers_and_nonsense() {
        let code = Code {
            tenant: "990019".to_owned(),
            reception: "03-260427-0015-4".to_owned(),
            application: "0190b3c0-0000-7000-8000-000000000001".to_owned(),
        };
        let id = ApplicationId(code.application.parse().unwrap());
        let full: String = code
            .text()
            .chars()
            .map(|c| char::from_u32(u32::from(c) + 0xFEE0).unwrap())
            .collect();
        for text in [code.text(), code.text().to_lowercase(), full] {
            assert_eq!(
                SearchTerm::parse(&text, "990019"),
                SearchTerm::Code(id, code.reception.clone()),
                "{text}"
            );
        }
        assert!(matches!(
            SearchTerm::parse(&code.text(), "990027"),
            SearchTerm::Unclear(_)
        ));
        let number = application::reception_number(3, jiff::civil::date(2026, 4, 27), 15).unwrap();
        assert_eq!(
            SearchTerm::parse(&format!(" {number} "), "990019"),
            SearchTerm::Reception(number)
        );
        for name in [
            "田中",
            "たなか　はなこ",
            "Nguyen Van A",
            "渡邉󠄂",
            "ヴー・ティ",
        ] {
            assert_eq!(
                SearchTerm::parse(name, "990019"),
                SearchTerm::Name,
                "{name}"
            );
        }
        for nonsense in [
            "",
            "GENKAN1/990019",
            "03-260427-0015-0",
            "' OR 1=1",
            "<script>",
        ] {
            assert!(matches!(
                SearchTerm::parse(nonsense, "990019"),
                SearchTerm::Unclear(_)
            ));
        }
    }
}
