//! The second factor: a time-based code (TOTP, RFC 6238: SHA-1, 6 digits, 30 s, as every authenticator app reads it).
//!
//! The secret is kept encrypted (AES-256-GCM) under a key that comes from the realm's own key, bound to the person.

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use jiff::Timestamp;
use thiserror::Error;
use totp_rs::{Builder, Secret, Totp};
use zeroize::Zeroizing;

use crate::tenant::RealmKey;

/// A person's secret.
pub struct SecondFactor(Zeroizing<Vec<u8>>);

/// Why a secret cannot be used.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
pub enum FactorError {
    /// The realm's key has changed, or the row was tampered with.
    #[error("a person's second factor does not open with the realm's key: invite them again")]
    Closed,
    /// The system gave no randomness.
    #[error("the system gave no randomness")]
    Random,
    /// Not base32, or too short.
    #[error("expected a base32 secret of at least 128 bits")]
    Secret,
}

impl SecondFactor {
    /// A new one: 160 bits.
    ///
    /// # Errors
    /// [`FactorError::Random`].
    pub fn new() -> Result<Self, FactorError> {
        let mut secret = Zeroizing::new(vec![0; 20]);
        aws_lc_rs::rand::fill(&mut secret).map_err(|_| FactorError::Random)?;
        Ok(Self(secret))
    }

    /// From base32, as an authenticator app takes it.
    ///
    /// # Errors
    /// [`FactorError::Secret`].
    pub fn from_base32(text: &str) -> Result<Self, FactorError> {
        let secret = Secret::try_from_base32(text.trim()).map_err(|_| FactorError::Secret)?;
        if secret.as_bytes().len() < 16 {
            return Err(FactorError::Secret);
        }
        Ok(Self(Zeroizing::new(secret.as_bytes().to_vec())))
    }

    /// Base32, to be typed into an app once.
    #[must_use]
    pub fn base32(&self) -> Zeroizing<String> {
        Zeroizing::new(Secret::from(self.0.to_vec()).to_base32())
    }

    /// `otpauth://…`, to be scanned into an app once.
    #[must_use]
    pub fn url(&self, town: &str, login: &str) -> Option<Zeroizing<String>> {
        // A colon parts issuer and account in the URL, so it can be in neither.
        let clean = |text: &str| text.replace(':', " ");
        let totp = Builder::new()
            .with_secret(self.0.to_vec())
            .with_issuer(Some(clean(&format!("Genkan {town}"))))
            .with_account_name(clean(login))
            .build()
            .ok()?;
        totp.to_url().ok().map(Zeroizing::new)
    }

    fn totp(&self) -> Totp {
        Builder::new()
            .with_secret(self.0.to_vec())
            .build_noncompliant()
    }

    /// The step of a code that holds now (one step of skew) and is later than the last one used: each code works once.
    #[must_use]
    pub fn check(&self, code: &str, now: Timestamp, last_step: i64) -> Option<i64> {
        let digits: String = code.chars().filter(char::is_ascii_digit).collect();
        let seconds = u64::try_from(now.as_second()).ok()?;
        let step = i64::try_from(self.totp().check(&digits, seconds)?).ok()?;
        (step > last_step).then_some(step)
    }

    /// The code of this moment; for tests and the mock-up environment's own desk.
    #[must_use]
    pub fn code(&self, now: Timestamp) -> String {
        let seconds = u64::try_from(now.as_second()).unwrap_or_default();
        self.totp().generate(seconds).to_string()
    }

    /// Encrypted for the store.
    ///
    /// # Errors
    /// [`FactorError::Random`].
    pub fn seal(&self, key: &RealmKey, person: &str) -> Result<Vec<u8>, FactorError> {
        let mut sealed = self.0.to_vec();
        let nonce = aead(key)?
            .seal_in_place_append_tag(Aad::from(person), &mut sealed)
            .map_err(|_| FactorError::Random)?;
        Ok([nonce.as_ref().as_slice(), &sealed].concat())
    }

    /// Decrypted from the store.
    ///
    /// # Errors
    /// [`FactorError::Closed`].
    pub fn open(sealed: &[u8], key: &RealmKey, person: &str) -> Result<Self, FactorError> {
        let (nonce, text) = sealed
            .split_at_checked(NONCE_LEN)
            .ok_or(FactorError::Closed)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| FactorError::Closed)?;
        let mut opened = Zeroizing::new(text.to_vec());
        let length = aead(key)?
            .open_in_place(nonce, Aad::from(person), &mut opened)
            .map_err(|_| FactorError::Closed)?
            .len();
        opened.truncate(length);
        Ok(Self(opened))
    }
}

fn aead(key: &RealmKey) -> Result<RandomizedNonceKey, FactorError> {
    let key = key.derive("second factor");
    RandomizedNonceKey::new(&AES_256_GCM, &*key).map_err(|_| FactorError::Closed)
}
