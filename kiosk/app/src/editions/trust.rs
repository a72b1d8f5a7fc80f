//! Keys that the kiosk trusts: who may sign editions, and whom applications are sealed for.

use std::fs;
use std::path::{Path, PathBuf};

use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use kiosk_api::{SealingKey, TenantPublicKey};
use thiserror::Error;

/// Why a key file is not used.
#[derive(Debug, Error)]
#[error("{path}: {reason}", path = path.display())]
pub struct KeyError {
    path: PathBuf,
    reason: String,
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
        let told = |path: &Path, reason: String| KeyError {
            path: path.to_owned(),
            reason,
        };
        let mut keys = Vec::new();
        for entry in fs::read_dir(folder).map_err(|error| told(folder, error.to_string()))? {
            let path = entry
                .map_err(|error| told(folder, error.to_string()))?
                .path();
            let (Some(name), Some("pub")) = (
                path.file_stem(),
                path.extension().and_then(|end| end.to_str()),
            ) else {
                continue;
            };
            let text = fs::read_to_string(&path).map_err(|error| told(&path, error.to_string()))?;
            let key = STANDARD
                .decode(text.trim())
                .ok()
                .filter(|key| key.len() == 32);
            let key = key.ok_or_else(|| told(&path, "not 32 bytes as base64".into()))?;
            keys.push((name.to_string_lossy().into_owned(), key));
        }
        if keys.is_empty() {
            return Err(told(folder, "no NAME.pub in it".into()));
        }
        Ok(Self(keys))
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

/// Whether an Ed25519 signature (RFC 8032) holds.
pub(super) fn ed25519_holds(key: &[u8], message: &[u8], signature: &[u8]) -> bool {
    UnparsedPublicKey::new(&ED25519, key)
        .verify(message, signature)
        .is_ok()
}

/// Reads the municipality's sealing key and makes sure that it is one.
///
/// # Errors
/// Names the file and what is wrong.
pub fn read_sealing_key(path: &Path) -> Result<SealingKey, KeyError> {
    let told = |reason: String| KeyError {
        path: path.to_owned(),
        reason,
    };
    let text = fs::read_to_string(path).map_err(|error| told(error.to_string()))?;
    let key: SealingKey = serde_json::from_str(&text).map_err(|error| told(error.to_string()))?;
    TenantPublicKey::from_bytes(&key.public_key.0).map_err(|error| told(error.to_string()))?;
    Ok(key)
}
