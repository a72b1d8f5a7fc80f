//! The municipality's sealing key: which key applications are sealed to, and how it is replaced.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;
use kiosk_api::{SealingKey, SignedSealingKey, TenantCode, TenantPublicKey};

use crate::durable_file;
use crate::editions::{KeyError, TrustedKeys};

/// The key that applications are sealed for. Kept on the disk, so that a kiosk without network can seal.
pub struct SealingKeyInUse {
    now: Mutex<InUse>,
    tenant: TenantCode,
    signers: TrustedKeys,
    file: PathBuf,
}

#[derive(PartialEq, Eq)]
struct InUse {
    key: SealingKey,
    /// None for the shipped one.
    signed_at: Option<Timestamp>,
}

impl SealingKeyInUse {
    /// The kept key in `file`, or the shipped one where none is kept or the kept one is not signed by the town.
    #[must_use]
    pub fn new(
        file: PathBuf,
        shipped: SealingKey,
        tenant: TenantCode,
        signers: TrustedKeys,
    ) -> Self {
        let shipped = InUse {
            key: shipped,
            signed_at: None,
        };
        let in_use = Self {
            now: Mutex::new(shipped),
            tenant,
            signers,
            file,
        };
        if let Some(kept) = in_use.read_kept() {
            *in_use.now.lock().unwrap_or_else(PoisonError::into_inner) = kept;
        }
        in_use
    }

    /// A copy of the key in use.
    #[must_use]
    pub fn get(&self) -> SealingKey {
        let now = self.now.lock().unwrap_or_else(PoisonError::into_inner);
        now.key.clone()
    }

    /// Uses and keeps another key that the town signed; one that is none, or cannot be kept, is logged and not used.
    pub fn replace(&self, signed: &SignedSealingKey) {
        let mut now = self.now.lock().unwrap_or_else(PoisonError::into_inner);
        let taken = self.open(signed, now.signed_at).and_then(|new| {
            if new != *now {
                self.keep(signed)?;
            }
            Ok(new)
        });
        match taken {
            Ok(new) => *now = new,
            Err(reason) => {
                tracing::error!(kind = "sealing-key", reason, "the last good one stays");
            }
        }
    }

    fn keep(&self, signed: &SignedSealingKey) -> Result<(), String> {
        let bytes = serde_json::to_vec(signed).map_err(io::Error::from);
        bytes
            .and_then(|bytes| durable_file::replace(&self.file, &bytes))
            .map_err(|error| error.to_string())
    }

    fn open(&self, signed: &SignedSealingKey, in_use: Option<Timestamp>) -> Result<InUse, String> {
        let key = self
            .signers
            .open_sealing_key(signed, &self.tenant, in_use)
            .map_err(|error| error.to_string())?;
        TenantPublicKey::from_bytes(&key.public_key.0).map_err(|error| error.to_string())?;
        Ok(InUse {
            key: key.clone(),
            signed_at: Some(signed.signed_at),
        })
    }

    fn read_kept(&self) -> Option<InUse> {
        let bytes = fs::read(&self.file).ok()?;
        let kept = serde_json::from_slice::<SignedSealingKey>(&bytes)
            .map_err(|error| error.to_string())
            .and_then(|signed| self.open(&signed, None));
        kept.inspect_err(|reason| {
            tracing::error!(kind = "sealing-key-kept", reason, "the shipped one is used");
        })
        .ok()
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
