//! Making typed text regular, or saying what is wrong with it.

use crate::characters::{ascii_digits, is_katakana_text, katakana, printable, regular_width};
use crate::field::{FieldKind, NO, YES};
use crate::form::FormSet;
use crate::problem::Problem;

/// Most characters of a name; the longest registered names of foreign residents stay far below.
const NAME_MOST: usize = 100;
/// Most characters of an address.
const ADDRESS_MOST: usize = 200;
/// Most generations of a 続柄 (住民記録システム標準仕様書 1.1.11).
const RELATIONSHIP_MOST: usize = 4;

impl FormSet {
    /// Checks a text against its kind and makes it regular: dates in era, katakana, ASCII digits, 123-4567.
    ///
    /// # Errors
    /// The problem, as a key of the word book. An empty text is `problem.empty`.
    pub fn check(&self, kind: &FieldKind, text: &str) -> Result<String, Problem> {
        printable(text)?;
        let text = regular_width(text);
        if text.is_empty()
            && !matches!(
                kind,
                FieldKind::Seal | FieldKind::Signature | FieldKind::Computed
            )
        {
            return Err(Problem::new("problem.empty"));
        }
        match kind {
            FieldKind::Name => at_most(text, NAME_MOST),
            FieldKind::Kana => kana(&text),
            FieldKind::Date { unknown, western } => self.date(&text, *unknown, *western),
            FieldKind::PostalCode => postal_code(&text),
            FieldKind::Address => at_most(text, ADDRESS_MOST),
            FieldKind::Text { most } => at_most(text, *most),
            FieldKind::Digits {
                fewest,
                most,
                hyphen,
            } => digits(&text, *fewest, *most, *hyphen),
            FieldKind::Phone => phone(&text),
            FieldKind::Vocabulary { vocabulary } => self.word(vocabulary, text),
            FieldKind::Relationship => self.relationship(text),
            FieldKind::YesNo if text == YES || text == NO => Ok(text),
            FieldKind::YesNo => Err(Problem::new("problem.not_offered")),
            FieldKind::Seal | FieldKind::Signature | FieldKind::Computed => Ok(text),
        }
    }

    fn date(&self, text: &str, unknown: bool, western: bool) -> Result<String, Problem> {
        let date = self.eras.parse(text)?;
        if !unknown && date.has_unknown() {
            return Err(Problem::new("problem.date_unknown"));
        }
        if !western && date.calendar == crate::era::Calendar::Western {
            return Err(Problem::new("problem.era_unknown"));
        }
        Ok(date.to_string())
    }

    fn word(&self, vocabulary: &str, text: String) -> Result<String, Problem> {
        if self
            .vocabulary(vocabulary)
            .iter()
            .any(|entry| entry.value == text)
        {
            return Ok(text);
        }
        Err(Problem::new("problem.not_offered"))
    }

    /// 続柄: each generation from the closed list, at most four joined by の. 孫 or 祖父 are written 子の子, 父の父.
    fn relationship(&self, text: String) -> Result<String, Problem> {
        let known = |one: &str| {
            self.vocabulary("relationship")
                .iter()
                .any(|entry| entry.value == one)
        };
        let single = ["世帯主", "縁故者", "同居人"];
        let generations: Vec<&str> = text.split('の').collect();
        if generations.len() > RELATIONSHIP_MOST {
            return Err(Problem::new("problem.relationship_long")
                .with("most", RELATIONSHIP_MOST.to_string()));
        }
        let alone = generations.len() == 1;
        if generations
            .iter()
            .all(|one| known(one) && (alone || !single.contains(one)))
        {
            return Ok(text);
        }
        Err(Problem::new("problem.not_offered"))
    }
}

fn at_most(text: String, most: usize) -> Result<String, Problem> {
    if text.chars().count() > most {
        return Err(Problem::new("problem.too_long").with("most", most.to_string()));
    }
    Ok(text)
}

fn kana(text: &str) -> Result<String, Problem> {
    let text = katakana(text);
    if !is_katakana_text(&text) {
        return Err(Problem::new("problem.not_kana"));
    }
    at_most(text, NAME_MOST)
}

fn postal_code(text: &str) -> Result<String, Problem> {
    let digits: String = ascii_digits(text)
        .chars()
        .filter(|c| *c != '-' && *c != '〒')
        .collect();
    if digits.len() != 7 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(Problem::new("problem.postal_code"));
    }
    Ok(format!("{}-{}", &digits[..3], &digits[3..]))
}

fn digits(text: &str, fewest: usize, most: usize, hyphen: bool) -> Result<String, Problem> {
    let text = ascii_digits(text);
    let count = text.bytes().filter(u8::is_ascii_digit).count();
    if text
        .chars()
        .any(|c| !(c.is_ascii_digit() || hyphen && c == '-'))
    {
        return Err(Problem::new("problem.not_digits"));
    }
    if count > most || count < fewest.max(1) {
        return Err(Problem::new("problem.digit_count")
            .with("fewest", fewest.max(1).to_string())
            .with("most", most.to_string()));
    }
    Ok(text)
}

/// Ten or eleven digits beginning with 0. Hyphens stay where they were typed; a mobile number without gets its own.
fn phone(text: &str) -> Result<String, Problem> {
    let text: String = ascii_digits(text).replace(['(', ')', '（', '）'], "-");
    let text = text.trim_matches('-');
    let digits: String = text.chars().filter(|c| *c != '-').collect();
    let fits = digits.starts_with('0')
        && digits.bytes().all(|b| b.is_ascii_digit())
        && matches!(digits.len(), 10 | 11);
    if !fits {
        return Err(Problem::new("problem.phone"));
    }
    if text.contains('-') || digits.len() != 11 {
        return Ok(text.to_owned());
    }
    Ok(format!(
        "{}-{}-{}",
        &digits[..3],
        &digits[3..7],
        &digits[7..]
    ))
}
