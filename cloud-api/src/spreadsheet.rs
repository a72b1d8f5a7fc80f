//! Cells that a spreadsheet would take for a formula (CWE-1236): written with an apostrophe before them, read without.
//!
//! The rule loses nothing: an apostrophe is added before a cell that begins with one of [`RISKY`], and taken away where
//! an apostrophe and one of [`RISKY`] begin a cell. A cell that itself begins with an apostrophe is written with a second.

use std::borrow::Cow;

/// First characters that make a spreadsheet compute, full-width ones as Japanese spreadsheets read them, and the
/// apostrophe.
const RISKY: [char; 12] = [
    '=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠', '\'',
];

/// The text as a cell.
#[must_use]
pub fn to_cell(text: &str) -> Cow<'_, str> {
    if text.starts_with(RISKY) {
        Cow::Owned(format!("'{text}"))
    } else {
        Cow::Borrowed(text)
    }
}

/// The text of a cell.
#[must_use]
pub fn from_cell(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(text) if text.starts_with(RISKY) => text,
        _ => cell,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_computes_and_nothing_is_lost() {
        for text in [
            "=cmd|'/C calc'!A0",
            "+81",
            "-1",
            "@SUM(A1)",
            "＝１",
            "\t=1",
            "'",
            "''=",
            "'a",
            "",
            "見本",
        ] {
            let cell = to_cell(text);
            assert_eq!(from_cell(&cell), text);
            assert!(
                !cell.starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠', '\t']),
                "{cell}"
            );
        }
        assert_eq!(from_cell("'a"), "'a", "what somebody else wrote stays");
    }
}
