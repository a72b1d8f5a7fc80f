//! Reception numbers (受付番号) that a person can say and a clerk can type, with a check digit.
//!
//! `03-260427-0015-4`: kiosk number, day (YYMMDD), running number of that kiosk on that day, check digit.
//! The check digit is ISO/IEC 7064 MOD 11,10: every single wrong digit is found, and nearly every swap.

use jiff::civil::Date;

/// Why a reception number isn't one.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ReceptionError {
    /// Kiosk numbers go from 1 to 99, running numbers from 1 to 9999.
    #[error("reception number parts out of range: kiosk 1..=99, serial 1..=9999")]
    Range,
    /// Not thirteen digits, with or without hyphens.
    #[error("a reception number has 13 digits")]
    Shape,
    /// The check digit does not fit: a digit was misread.
    #[error("the check digit of the reception number does not fit")]
    Check,
}

/// Makes a reception number from its parts.
///
/// # Errors
/// [`ReceptionError::Range`] when a part does not fit its digits.
pub fn reception_number(kiosk: u16, day: Date, serial: u16) -> Result<String, ReceptionError> {
    if !(1..=99).contains(&kiosk) || !(1..=9999).contains(&serial) {
        return Err(ReceptionError::Range);
    }
    let day = format!(
        "{:02}{:02}{:02}",
        day.year().rem_euclid(100),
        day.month(),
        day.day()
    );
    let check = check_digit(&format!("{kiosk:02}{day}{serial:04}"));
    Ok(format!("{kiosk:02}-{day}-{serial:04}-{check}"))
}

/// Reads a typed or scanned reception number (hyphens and width do not matter) and gives it in its regular form.
///
/// # Errors
/// [`ReceptionError::Shape`] or [`ReceptionError::Check`].
pub fn parse_reception(text: &str) -> Result<String, ReceptionError> {
    let digits: String = crate::characters::ascii_digits(text)
        .chars()
        .filter(|c| *c != '-')
        .collect();
    if digits.len() != 13 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(ReceptionError::Shape);
    }
    let (body, check) = digits.split_at(12);
    if check_digit(body).to_string() != check {
        return Err(ReceptionError::Check);
    }
    Ok(format!(
        "{}-{}-{}-{check}",
        &body[..2],
        &body[2..8],
        &body[8..]
    ))
}

/// ISO/IEC 7064 MOD 11,10 over decimal digits; other characters are skipped.
#[must_use]
pub fn check_digit(digits: &str) -> u32 {
    let mut product = 10;
    for digit in digits.chars().filter_map(|c| c.to_digit(10)) {
        let sum = (digit + product) % 10;
        product = (if sum == 0 { 10 } else { sum } * 2) % 11;
    }
    (11 - product) % 10
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn every_single_wrong_digit_is_found() {
        let number = reception_number(3, date(2026, 4, 27), 15).unwrap();
        assert_eq!(parse_reception(&number).unwrap(), number);
        let digits: Vec<char> = number.chars().filter(|c| *c != '-').collect();
        for index in 0..digits.len() {
            for wrong in '0'..='9' {
                let mut other = digits.clone();
                other[index] = wrong;
                let text: String = other.iter().collect();
                assert_eq!(parse_reception(&text).is_ok(), wrong == digits[index]);
            }
        }
    }

    #[test]
    fn known_value_of_the_standard() {
        // ISO/IEC 7064: the worked example 0794 has check digit 5.
        assert_eq!(check_digit("0794"), 5);
        assert_eq!(
            reception_number(0, date(2026, 4, 27), 1),
            Err(ReceptionError::Range)
        );
    }
}
