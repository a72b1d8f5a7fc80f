//! The municipality's sealing key: which key applications are sealed to, and how it is replaced.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use kiosk_api::{SealingKey, TenantPublicKey};

use crate::durable_file;
use crate::editions::KeyError;

/// The key that applications are sealed for. Kept on the disk, so that a kiosk without network can seal.
pub struct SealingKeyInUse {
    key: Mutex<SealingKey>,
    file: PathBuf,
}

impl SealingKeyInUse {
    /// The kept key in `file`, or the shipped one where none is kept.
    #[must_use]
    pub fn new(file: PathBuf, shipped: SealingKey) -> Self {
        let key = read_sealing_key(&file).unwrap_or(shipped);
        Self {
            key: Mutex::new(key),
            file,
        }
    }

    /// A copy of the key in use.
    #[must_use]
    pub fn get(&self) -> SealingKey {
        self.key
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Uses and keeps another key; one that is no key, or cannot be kept, is logged and not used.
    pub fn replace(&self, key: SealingKey) {
        let mut now = self.key.lock().unwrap_or_else(PoisonError::into_inner);
        if *now == key {
            return;
        }
        if TenantPublicKey::from_bytes(&key.public_key.0).is_err() {
            return tracing::error!(kind = "sealing-key", "not a key; the last one stays");
        }
        let kept = serde_json::to_vec(&key).map_err(io::Error::from);
        match kept.and_then(|bytes| durable_file::replace(&self.file, &bytes)) {
            Ok(()) => *now = key,
            Err(error) => tracing::error!(kind = "sealing-key", %error, "the last one stays"),
        }
    }
}

/// Reads the municipality's sealing key and makes sure that it is one.
///
/// # Errors
/// Names the file and what is wrong.
pub fn read_sealing_key(path: &Path) -> Result<SealingKey, KeyError> {
    let text = fs::read_to_string(path).map_err(|error| KeyError::new(path, error))?;
    let key: SealingKey =
        serde_json::from_str(&text).map_err(|error| KeyError::new(path, error))?;
    TenantPublicKey::from_bytes(&key.public_key.0).map_err(|error| KeyError::new(path, error))?;
    Ok(key)
}
