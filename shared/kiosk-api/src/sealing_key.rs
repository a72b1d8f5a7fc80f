//! The town's sealing key as the town signed it.
//!
//! A kiosk gets the key over a connection that ends at the cloud's front. Whoever stands there could give it a key of their own
//! and read every later application, so the key is signed like an edition, offline, with one of the town's edition keys.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::application::SealingKey;
use crate::bytes::Bytes;
use crate::id::TenantCode;

/// A sealing key with the town's signature.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SignedSealingKey {
    /// The town that it is for.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub tenant: TenantCode,
    /// The key.
    pub key: SealingKey,
    /// When it was signed; orders keys.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub signed_at: Timestamp,
    /// Names the edition key that signed it.
    pub signer: String,
    /// Ed25519 (RFC 8032) over [`SignedSealingKey::canonical_bytes`], 64 bytes.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub signature: Bytes,
}

/// Why a sealing key is not used; the last good one is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum SealingKeyError {
    /// No trusted key has the signer's name.
    #[error("the sealing key was signed with a key that is not trusted")]
    UnknownSigner,
    /// The signature does not fit.
    #[error("the signature of the sealing key does not hold")]
    Signature,
    /// Another town's.
    #[error("the sealing key is another town's")]
    Tenant,
    /// Signed before the one in use: a key that was replaced must not come back.
    #[error("the sealing key was signed before the one in use")]
    Older,
}

impl SignedSealingKey {
    /// The bytes that are signed: a fixed prefix, then each field after its length (8 bytes, big endian).
    #[must_use]
    pub fn canonical_bytes(&self) -> Vec<u8> {
        let mut bytes = b"genkan sealing key v1\0".to_vec();
        for field in [
            self.tenant.as_str().as_bytes(),
            self.key.key_id.as_bytes(),
            &self.key.public_key.0,
            &self.signed_at.as_nanosecond().to_be_bytes(),
        ] {
            bytes.extend_from_slice(&(field.len() as u64).to_be_bytes());
            bytes.extend_from_slice(field);
        }
        bytes
    }

    /// The key, if it is this town's, signed by a trusted key and not before `in_use`.
    ///
    /// `keys` are trusted (key id, public key) pairs; `verify(public key, message, signature)` checks Ed25519.
    ///
    /// # Errors
    /// [`SealingKeyError`].
    pub fn open(
        &self,
        tenant: &TenantCode,
        in_use: Option<Timestamp>,
        keys: &[(String, Vec<u8>)],
        verify: impl Fn(&[u8], &[u8], &[u8]) -> bool,
    ) -> Result<&SealingKey, SealingKeyError> {
        let message = self.canonical_bytes();
        let mut trusted = keys.iter().filter(|(id, _)| *id == self.signer).peekable();
        if trusted.peek().is_none() {
            return Err(SealingKeyError::UnknownSigner);
        }
        if !trusted.any(|(_, key)| verify(key, &message, &self.signature.0)) {
            return Err(SealingKeyError::Signature);
        }
        if self.tenant != *tenant {
            return Err(SealingKeyError::Tenant);
        }
        if in_use.is_some_and(|current| self.signed_at < current) {
            return Err(SealingKeyError::Older);
        }
        Ok(&self.key)
    }
}
