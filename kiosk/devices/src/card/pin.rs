//! PINs on their way to the card, and how many tries are left.

use thiserror::Error;
use zeroize::Zeroizing;

/// Which secret of the card.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PinKind {
    /// 券面事項入力補助用暗証番号: four digits, opens the four items.
    Text,
    /// 利用者証明用電子証明書の暗証番号: four digits, lets the card sign a login challenge.
    UserAuthentication,
}

/// What the card says about a PIN's counter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TriesLeft {
    /// This many wrong entries block it, at least one.
    Left(u8),
    /// Blocked; a municipal counter unblocks it.
    Blocked,
    /// The card answered without a number; some do when the PIN was verified already.
    Unknown,
}

impl TriesLeft {
    /// Whether a wrong entry now would block the PIN. A resident must insist before such a try is spent.
    #[must_use]
    pub fn is_last(self) -> bool {
        self == Self::Left(1)
    }
}

/// What the resident said about spending the last try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LastTry {
    /// Nobody was asked: stop before the last try.
    Keep,
    /// The resident was warned and insists.
    Spend,
}

/// Why a typed PIN was not even sent to the card.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum PinFormatError {
    /// Four digits are needed.
    #[error("a PIN of exactly four digits is needed")]
    FourDigits,
}

/// A PIN that was checked for its form. It has no Debug, Display, Clone or Serialize, is wiped on drop, and every use
/// consumes it: the protocol cannot present the same entry twice.
pub struct Pin(Zeroizing<Vec<u8>>);

impl Pin {
    /// A PIN of four ASCII digits.
    ///
    /// # Errors
    /// Anything else, before it could cost a try.
    pub fn four_digits(typed: &str) -> Result<Self, PinFormatError> {
        if typed.len() == 4 && typed.bytes().all(|byte| byte.is_ascii_digit()) {
            Ok(Self(Zeroizing::new(typed.as_bytes().to_vec())))
        } else {
            Err(PinFormatError::FourDigits)
        }
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.0
    }
}
