//! The number (eight digits) by which staff open a closed kiosk again, as its settings keep it: stretched and salted, never itself.

use std::fmt::Write as _;
use std::num::NonZeroU32;
use std::path::Path;

use aws_lc_rs::{pbkdf2, rand};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use thiserror::Error;
use zeroize::Zeroizing;

/// How many digits it has; the session asks for as many.
pub const DIGITS: usize = 8;

/// What the line begins with.
const METHOD: &str = "pbkdf2-sha256";

/// OWASP's recommendation of 2023 for PBKDF2 with SHA-256. Half a second on a small board.
const ITERATIONS: NonZeroU32 = NonZeroU32::new(600_000).expect("not zero");

/// Why the file of the staff's number is not used.
#[derive(Debug, Error)]
pub enum StaffNumberError {
    /// The file cannot be read.
    #[error("{file}: {source}")]
    Unreadable {
        file: String,
        source: std::io::Error,
    },
    /// It is no line of `kiosk staff-number`.
    #[error("{0}: no line as `kiosk staff-number` makes it")]
    Malformed(String),
    /// The number itself is no good one.
    #[error("a number of eight digits is needed, not all of them alike")]
    Weak,
    /// No random numbers on this machine.
    #[error("no random numbers")]
    NoRandomness,
}

/// What a number is compared with.
pub struct StaffNumber {
    iterations: NonZeroU32,
    salt: Vec<u8>,
    hash: Vec<u8>,
}

impl StaffNumber {
    /// Reads a line that [`StaffNumber::line`] made.
    ///
    /// # Errors
    /// Unreadable, or another text.
    pub fn read(file: &Path) -> Result<Self, StaffNumberError> {
        let name = || file.display().to_string();
        let text =
            std::fs::read_to_string(file).map_err(|source| StaffNumberError::Unreadable {
                file: name(),
                source,
            })?;
        Self::parse(&text).ok_or_else(|| StaffNumberError::Malformed(name()))
    }

    fn parse(text: &str) -> Option<Self> {
        let parts: Vec<&str> = text.trim().split('$').collect();
        let [METHOD, iterations, salt, hash] = parts[..] else {
            return None;
        };
        let decode = |part: &str| BASE64.decode(part).ok().filter(|bytes| bytes.len() >= 16);
        Some(Self {
            iterations: iterations.parse().ok()?,
            salt: decode(salt)?,
            hash: decode(hash)?,
        })
    }

    /// The line for the file: `pbkdf2-sha256$ITERATIONS$SALT$HASH`, the last two in base64.
    ///
    /// # Errors
    /// Not eight digits, all alike, or no random numbers.
    pub fn line(number: &str) -> Result<String, StaffNumberError> {
        let digits = number.len() == DIGITS && number.bytes().all(|byte| byte.is_ascii_digit());
        let alike = number
            .bytes()
            .all(|byte| number.as_bytes().first() == Some(&byte));
        if !digits || alike {
            return Err(StaffNumberError::Weak);
        }
        let (mut salt, mut hash) = ([0; 16], Zeroizing::new([0; 32]));
        rand::fill(&mut salt).map_err(|_| StaffNumberError::NoRandomness)?;
        let method = pbkdf2::PBKDF2_HMAC_SHA256;
        pbkdf2::derive(method, ITERATIONS, &salt, number.as_bytes(), &mut *hash);
        let mut line = format!("{METHOD}${ITERATIONS}$");
        let _ = write!(line, "{}${}", BASE64.encode(salt), BASE64.encode(*hash));
        Ok(line)
    }

    /// Whether it is this number; takes the same time for every wrong one.
    #[must_use]
    pub fn is(&self, number: &str) -> bool {
        let (method, salt) = (pbkdf2::PBKDF2_HMAC_SHA256, &self.salt);
        pbkdf2::verify(method, self.iterations, salt, number.as_bytes(), &self.hash).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_number_itself_matches_and_its_line_does_not_name_it() {
        let line = StaffNumber::line("40219375").unwrap();
        assert!(!line.contains("40219375"));
        assert_ne!(line, StaffNumber::line("40219375").unwrap(), "salted");
        let number = StaffNumber::parse(&format!("{line}\n")).unwrap();
        assert!(number.is("40219375"));
        for other in ["40219376", "4021937", "402193750", ""] {
            assert!(!number.is(other), "{other}");
        }
    }

    #[test]
    fn what_is_no_number_and_no_line_is_refused() {
        for number in [
            "1234567",
            "123456789",
            "1234567a",
            "77777777",
            "１２３４５６７８",
        ] {
            assert!(StaffNumber::line(number).is_err(), "{number}");
        }
        let short = format!("{METHOD}$1$AAAA$AAAA");
        for text in ["", "40219375", "pbkdf2-sha256$0$$", "argon2$1$a$b", &short] {
            assert!(StaffNumber::parse(text).is_none(), "{text}");
        }
    }
}
