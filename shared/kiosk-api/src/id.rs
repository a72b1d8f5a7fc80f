//! Names of tenants, kiosks, applications and nonces.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;
use uuid::Uuid;

/// Why a text is not an id.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum IdError {
    /// Not six digits.
    #[error("a tenant is a 6-digit 全国地方公共団体コード")]
    TenantForm,
    /// The sixth digit does not fit the other five.
    #[error("the check digit of the 全国地方公共団体コード is wrong: expected {expected}")]
    TenantCheckDigit {
        /// The digit that would fit.
        expected: u8,
    },
    /// Not 1 to 40 of `a-z 0-9 -`.
    #[error("a kiosk id is 1 to 40 characters of a-z, 0-9 and -")]
    Kiosk,
}

/// A municipality, by its 全国地方公共団体コード (6 digits, the last one a check digit).
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TenantCode(String);

impl TenantCode {
    /// The six digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Check digit of the 全国地方公共団体コード: weights 6 5 4 3 2, `(11 - sum mod 11) mod 10`.
fn check_digit(digits: &[u8]) -> u8 {
    let sum: u32 = digits
        .iter()
        .zip([6, 5, 4, 3, 2])
        .map(|(d, weight)| u32::from(d - b'0') * weight)
        .sum();
    u8::try_from((11 - sum % 11) % 10).unwrap_or(0)
}

impl FromStr for TenantCode {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let digits = text.as_bytes();
        if digits.len() != 6 || !digits.iter().all(u8::is_ascii_digit) {
            return Err(IdError::TenantForm);
        }
        let expected = check_digit(&digits[..5]);
        if digits[5] - b'0' != expected {
            return Err(IdError::TenantCheckDigit { expected });
        }
        Ok(Self(text.to_owned()))
    }
}

impl TryFrom<String> for TenantCode {
    type Error = IdError;

    fn try_from(text: String) -> Result<Self, IdError> {
        text.parse()
    }
}

impl From<TenantCode> for String {
    fn from(code: TenantCode) -> Self {
        code.0
    }
}

impl fmt::Display for TenantCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One kiosk of a tenant; stands in its client certificate.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct KioskId(String);

impl KioskId {
    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for KioskId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        if text.is_empty() || text.len() > 40 || !text.bytes().all(allowed) {
            return Err(IdError::Kiosk);
        }
        Ok(Self(text.to_owned()))
    }
}

impl TryFrom<String> for KioskId {
    type Error = IdError;

    fn try_from(text: String) -> Result<Self, IdError> {
        text.parse()
    }
}

impl From<KioskId> for String {
    fn from(id: KioskId) -> Self {
        id.0
    }
}

impl fmt::Display for KioskId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

macro_rules! uuid_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

uuid_id! {
    /// An application, made by the kiosk (UUID v7). The same id sent twice is one application.
    ApplicationId
}
uuid_id! {
    /// A nonce that the cloud gave out for one card login.
    NonceId
}
uuid_id! {
    /// A call for staff, made by the kiosk. The same id sent twice is one call.
    StaffCallId
}
