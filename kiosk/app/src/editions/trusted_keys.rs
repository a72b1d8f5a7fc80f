//! The keys whose signatures on editions the kiosk trusts.

use std::fs;
use std::path::{Path, PathBuf};

use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use kiosk_api::{SealingKey, SealingKeyError, SignedSealingKey, TenantCode};
use thiserror::Error;

/// Why a key file is not used.
#[derive(Debug, Error)]
#[error("{path}: {reason}", path = path.display())]
pub struct KeyError {
    path: PathBuf,
    reason: String,
}

impl KeyError {
    pub(crate) fn new(path: &Path, reason: impl ToString) -> Self {
        Self {
            path: path.to_owned(),
            reason: reason.to_string(),
        }
    }
}

/// The Ed25519 keys that may sign editions, by id.
#[derive(Clone)]
pub struct TrustedKeys(Vec<(String, Vec<u8>)>);

impl TrustedKeys {
    /// Reads every `NAME.pub` of a folder: one line, 32 bytes as base64.
    ///
    /// # Errors
    /// Names the file that is none, or the folder that has none.
    pub fn read(folder: &Path) -> Result<Self, KeyError> {
        let mut keys = Vec::new();
        for entry in fs::read_dir(folder).map_err(|error| KeyError::new(folder, error))? {
            let path = entry.map_err(|error| KeyError::new(folder, error))?.path();
            let (Some(name), Some("pub")) = (
                path.file_stem(),
                path.extension().and_then(|end| end.to_str()),
            ) else {
                continue;
            };
            let text = fs::read_to_string(&path).map_err(|error| KeyError::new(&path, error))?;
            let key = STANDARD
                .decode(text.trim())
                .ok()
                .filter(|key| key.len() == 32);
            let key = key.ok_or_else(|| KeyError::new(&path, "not 32 bytes as base64"))?;
            keys.push((name.to_string_lossy().into_owned(), key));
        }
        if keys.is_empty() {
            return Err(KeyError::new(folder, "no NAME.pub in it"));
        }
        Ok(Self(keys))
    }

    /// The key, if the town signed it and not before `in_use`.
    ///
    /// # Errors
    /// [`SealingKeyError`].
    pub(crate) fn open_sealing_key<'a>(
        &self,
        signed: &'a SignedSealingKey,
        tenant: &TenantCode,
        in_use: Option<Timestamp>,
    ) -> Result<&'a SealingKey, SealingKeyError> {
        signed.open(tenant, in_use, &self.0, ed25519_is_valid)
    }

    pub(super) fn pairs(&self) -> &[(String, Vec<u8>)] {
        &self.0
    }
}

impl From<Vec<(String, Vec<u8>)>> for TrustedKeys {
    fn from(keys: Vec<(String, Vec<u8>)>) -> Self {
        Self(keys)
    }
}

/// Checks an Ed25519 signature (RFC 8032).
pub(super) fn ed25519_is_valid(key: &[u8], message: &[u8], signature: &[u8]) -> bool {
    UnparsedPublicKey::new(&ED25519, key)
        .verify(message, signature)
        .is_ok()
}
