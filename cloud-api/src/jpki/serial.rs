//! Serial numbers of certificates (RFC 5280 §4.1.2.2).

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

/// The serial number of a 利用者証明用電子証明書: upper-case hexadecimal digits without zeros before them. No Debug, since it
/// stands for a person.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CertificateSerial(String);

/// Not 1 to 40 hexadecimal digits (20 bytes are the most that RFC 5280 allows).
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("a certificate's serial number is 1 to 40 hexadecimal digits")]
pub struct SerialError;

impl CertificateSerial {
    /// From the bytes of the integer.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Self {
        let mut digits = String::with_capacity(bytes.len() * 2);
        for byte in bytes {
            let _ = write!(digits, "{byte:02X}");
        }
        Self(without_zeros(&digits).to_owned())
    }

    /// From digits, however they are written.
    ///
    /// # Errors
    /// [`SerialError`].
    pub fn parse(text: &str) -> Result<Self, SerialError> {
        let fits = (1..=40).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_hexdigit());
        if !fits {
            return Err(SerialError);
        }
        Ok(Self(without_zeros(&text.to_ascii_uppercase()).to_owned()))
    }

    /// The digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn without_zeros(digits: &str) -> &str {
    digits.trim_start_matches('0')
}

impl TryFrom<String> for CertificateSerial {
    type Error = SerialError;

    fn try_from(text: String) -> Result<Self, SerialError> {
        Self::parse(&text)
    }
}

impl From<CertificateSerial> for String {
    fn from(serial: CertificateSerial) -> Self {
        serial.0
    }
}

#[cfg(test)]
mod tests {
    use super::CertificateSerial;

    #[test]
    fn one_number_is_equal_however_it_is_written() {
        let from_card = CertificateSerial::from_bytes(&[0x00, 0xAB, 0x01]);
        for text in ["AB01", "ab01", "00AB01"] {
            assert!(CertificateSerial::parse(text) == Ok(from_card.clone()));
        }
        assert!(from_card != CertificateSerial::from_bytes(&[0xAB, 0x10]));
        for wrong in ["", "AB 01", "0xAB", "ＡＢ", &"1".repeat(41)] {
            assert!(CertificateSerial::parse(wrong).is_err(), "{wrong}");
        }
    }
}
