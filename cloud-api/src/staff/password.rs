//! Passwords: Argon2id, 19 MiB, two passes (the crate's default, which is OWASP's first choice).

use argon2::password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
use argon2::{ARGON2ID_IDENT, Algorithm, Argon2, Params, Version};
use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::rand;
use thiserror::Error;
use zeroize::Zeroizing;

use super::common_password::is_common;
use super::hash_queue::HashMemory;

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
    /// Made of common words, names, days, patterns of the keyboard.
    #[error(
        "よく使われる言葉や並びでできているため、推測されやすいパスワードです。関係のない言葉をいくつか組み合わせてください。"
    )]
    Common,
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

    /// Whether the password is good enough for this log-in name.
    ///
    /// # Errors
    /// [`PasswordError`], in words for the person who chose it.
    pub fn check_for(&self, login: &str) -> Result<(), PasswordError> {
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
        } else if is_common(&self.0, login) {
            Err(PasswordError::Common)
        } else {
            Ok(())
        }
    }

    /// The hash to keep.
    ///
    /// # Errors
    /// [`PasswordError::System`].
    pub fn hashed(&self, memory: &mut HashMemory) -> Result<String, PasswordError> {
        let mut salt = [0; Salt::RECOMMENDED_LENGTH];
        rand::fill(&mut salt).map_err(|_| PasswordError::System)?;
        let params = Params::DEFAULT;
        let hash = self.argon2(&params, &salt, Params::DEFAULT_OUTPUT_LEN, memory);
        let hash = hash.and_then(|hash| Output::new(&hash).ok());
        let parts = hash.zip(Salt::new(&salt).ok());
        let parts = parts.zip(ParamsString::try_from(&params).ok());
        let ((hash, salt), params) = parts.ok_or(PasswordError::System)?;
        let kept = PasswordHash {
            algorithm: ARGON2ID_IDENT,
            version: Some(Version::V0x13.into()),
            params,
            salt: Some(salt),
            hash: Some(hash),
        };
        Ok(kept.to_string())
    }

    /// Whether it is the one of this hash. Without a hash the same work is done, so that time does not tell which log-in
    /// names exist.
    #[must_use]
    pub fn is_of(&self, hash: Option<&str>, memory: &mut HashMemory) -> bool {
        const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
        let held = self.holds(hash.unwrap_or(NOBODY), memory).unwrap_or(false);
        held && hash.is_some()
    }

    /// `None` for a hash that this program never writes.
    fn holds(&self, hash: &str, memory: &mut HashMemory) -> Option<bool> {
        let kept = PasswordHash::new(hash).ok()?;
        let params = Params::try_from(&kept).ok()?;
        let (salt, output) = (kept.salt?, kept.hash?);
        if kept.algorithm != ARGON2ID_IDENT {
            return None;
        }
        let own = self.argon2(&params, salt.as_ref(), output.len(), memory)?;
        Some(verify_slices_are_equal(&own, output.as_bytes()).is_ok())
    }

    fn argon2(
        &self,
        params: &Params,
        salt: &[u8],
        length: usize,
        memory: &mut HashMemory,
    ) -> Option<Zeroizing<Vec<u8>>> {
        let mut hash = Zeroizing::new(vec![0; length]);
        let blocks = memory.blocks(params.block_count())?;
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params.clone());
        let done =
            argon2.hash_password_into_with_memory(self.0.as_bytes(), salt, &mut hash, blocks);
        done.ok().map(|()| hash)
    }
}

#[cfg(test)]
mod tests {
    use super::{Password, PasswordError};

    #[test]
    fn common_passwords_are_not_taken() {
        for common in [
            "password1234",
            "P@ssw0rd2026!",
            "Sakura20260401",
            "sakura-sakura",
            "qwertyuiop12",
            "1qaz2wsx3edc",
            "tanaka19800101",
            "ｐａｓｓｗｏｒｄ１２３４",
            "パスワードパスワード12",
            "reiwa8nen2026",
            "Tokyo2020tokyo2020",
            "yakuba-madoguchi",
            "abcdefghijkl1",
            "arigatou1234",
        ] {
            let checked = Password::typed(common.to_owned()).check_for("kubo");
            assert_eq!(checked, Err(PasswordError::Common), "{common}");
        }
        for good in [
            "correct horse battery",
            "みかん畑で踊る三匹の灯台",
            "k7-Vq2xhT9-genkan",
        ] {
            let checked = Password::typed(good.to_owned()).check_for("kubo");
            assert_eq!(checked, Ok(()), "{good}");
        }
    }
}
