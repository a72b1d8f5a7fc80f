//! The four digits of the user-authentication PIN, from the first key to the moment they are sent.

use zeroize::{Zeroize, Zeroizing};

use crate::touch::SecretDigit;

/// How many digits 利用者証明用 and 券面事項入力補助用 PINs have.
pub(crate) const DIGITS: usize = 4;
/// How many digits the number has by which staff open a closed kiosk again.
pub(crate) const STAFF_DIGITS: usize = 8;

/// Typed digits. No Debug, Clone, Serialize or comparison; wiped when taken, cleared or dropped.
pub(crate) struct Pin {
    typed: Zeroizing<String>,
    digits: usize,
}

impl Default for Pin {
    /// Nothing typed. The room is taken at once: growing would leave a copy of the first digits behind.
    fn default() -> Self {
        Self::with_digits(DIGITS)
    }
}

impl Pin {
    /// Nothing typed, of a number with so many digits.
    pub(crate) fn with_digits(digits: usize) -> Self {
        Self {
            typed: Zeroizing::new(String::with_capacity(digits)),
            digits,
        }
    }

    pub(crate) fn typed(&self) -> usize {
        self.typed.len()
    }

    pub(crate) fn is_whole(&self) -> bool {
        self.typed() == self.digits
    }

    pub(crate) fn push(&mut self, digit: SecretDigit) {
        if !self.is_whole() && digit.0 <= 9 {
            self.typed.push(char::from(b'0' + digit.0));
        }
    }

    pub(crate) fn erase(&mut self) {
        if let Some(last) = self.typed.len().checked_sub(1) {
            // `String::pop` leaves the byte in the buffer.
            let kept = Zeroizing::new(self.typed[..last].to_owned());
            self.typed.zeroize();
            self.typed.push_str(&kept);
        }
    }

    pub(crate) fn clear(&mut self) {
        self.typed.zeroize();
    }

    /// The digits, leaving none behind; `None` unless all are typed, so that no try is spent on a short PIN.
    pub(crate) fn take(&mut self) -> Option<Zeroizing<String>> {
        let next = Zeroizing::new(String::with_capacity(self.digits));
        self.is_whole()
            .then(|| std::mem::replace(&mut self.typed, next))
    }
}

/// The keys in their usual order: 1 to 9, then 0.
pub(crate) const PLAIN_KEYS: [u8; 10] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 0];

/// The keys in an order drawn from `seed` (Fisher–Yates over a xorshift). It hides the PIN from somebody who watches
/// the hand, which needs no cryptographic randomness; the session may roll no dice of its own.
pub(crate) fn shuffled_keys(seed: u64) -> [u8; 10] {
    let mut keys = PLAIN_KEYS;
    let mut state = seed ^ 0x9E37_79B9_7F4A_7C15;
    for last in (1..keys.len()).rev() {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        let other = usize::try_from(state % (last as u64 + 1)).unwrap_or(0);
        keys.swap(last, other);
    }
    keys
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_digits_then_no_more() {
        let mut pin = Pin::default();
        for digit in [1, 2, 10, 3] {
            pin.push(SecretDigit(digit));
        }
        assert_eq!(pin.typed(), 3);
        assert!(pin.take().is_none());
        pin.push(SecretDigit(4));
        pin.push(SecretDigit(5));
        assert_eq!(
            pin.take().map(|digits| digits.as_str() == "1234"),
            Some(true)
        );
        assert_eq!(pin.typed(), 0);
    }

    #[test]
    fn erase_takes_the_last() {
        let mut pin = Pin::default();
        pin.erase();
        for digit in [7, 8, 9] {
            pin.push(SecretDigit(digit));
        }
        pin.erase();
        pin.push(SecretDigit(0));
        pin.push(SecretDigit(1));
        assert_eq!(
            pin.take().map(|digits| digits.as_str() == "7801"),
            Some(true)
        );
    }

    #[test]
    fn shuffled_keys_are_all_ten() {
        for seed in 0..500 {
            let mut keys = shuffled_keys(seed);
            keys.sort_unstable();
            assert_eq!(keys, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
        }
        assert_ne!(shuffled_keys(1), shuffled_keys(2));
    }
}
