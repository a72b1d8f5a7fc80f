//! Passwords: Argon2id, 19 MiB, two passes (the crate's default, which is OWASP's first choice).

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use thiserror::Error;
use zeroize::Zeroizing;

/// A password as typed. No Debug, no Display, wiped when dropped.
pub struct Password(Zeroizing<String>);

/// Why a new password is not taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
pub enum PasswordError {
    /// Too short.
    #[error("パスワードは{SHORTEST}文字以上にしてください。")]
    Short,
    /// Too long to be typed by a person.
    #[error("パスワードは{LONGEST}文字以内にしてください。")]
    Long,
    /// Contains the log-in name.
    #[error("パスワードにログイン名を含めないでください。")]
    HasLogin,
    /// One character over and over.
    #[error("同じ文字だけのパスワードは使えません。")]
    Monotone,
    /// The system gave no randomness, or no memory.
    #[error("パスワードを保存できませんでした。もう一度お試しください。")]
    System,
}

/// Fewest characters.
const SHORTEST: usize = 12;
/// Most characters; hashing costs the same, but a form must end somewhere.
const LONGEST: usize = 200;

impl Password {
    /// As typed.
    #[must_use]
    pub fn typed(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// The hash to keep, if the password is good enough for this log-in name.
    ///
    /// # Errors
    /// [`PasswordError`], in words for the person who chose it.
    pub fn hashed_for(&self, login: &str) -> Result<String, PasswordError> {
        let length = self.0.chars().count();
        let mut characters = self.0.chars();
        let first = characters.next();
        if length < SHORTEST {
            Err(PasswordError::Short)
        } else if length > LONGEST {
            Err(PasswordError::Long)
        } else if !login.is_empty() && self.0.to_lowercase().contains(&login.to_lowercase()) {
            Err(PasswordError::HasLogin)
        } else if characters.all(|character| Some(character) == first) {
            Err(PasswordError::Monotone)
        } else {
            let hash = Argon2::default().hash_password(self.0.as_bytes());
            hash.map(|hash| hash.to_string())
                .map_err(|_| PasswordError::System)
        }
    }

    /// Whether it is the one of this hash. Without a hash the same work is done, so that time does not tell which log-in
    /// names exist.
    #[must_use]
    pub fn is_of(&self, hash: Option<&str>) -> bool {
        const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
        let Ok(parsed) = PasswordHash::new(hash.unwrap_or(NOBODY)) else {
            return false;
        };
        let held = Argon2::default()
            .verify_password(self.0.as_bytes(), &parsed)
            .is_ok();
        held && hash.is_some()
    }
}
