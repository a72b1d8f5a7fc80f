//! Signed editions of the catalogue and the forms.
//!
//! The signature is Ed25519 (RFC 8032) over [`Edition::canonical_bytes`]. The primitive itself is handed in as a
//! function, because this crate stays pure and both sides bring their own implementation already.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::bytes::Bytes;
use crate::id::TenantCode;

/// What an edition holds.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum EditionKind {
    /// Rules of guidance.
    Catalogue,
    /// Forms.
    Forms,
}

impl EditionKind {
    /// As on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Catalogue => "catalogue",
            Self::Forms => "forms",
        }
    }
}

/// Why an edition is not used; the last good one is kept.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum EditionError {
    /// No key of this id is trusted.
    #[error("edition {edition}: no trusted key named {key_id:?}")]
    UnknownKey {
        /// The edition.
        edition: String,
        /// The key that it names.
        key_id: String,
    },
    /// The signature does not fit the bytes.
    #[error("edition {edition}: the signature does not hold")]
    Signature {
        /// The edition.
        edition: String,
    },
    /// Another town's edition, or a catalogue where forms were asked for.
    #[error("edition {edition}: is {found}, expected {expected}")]
    Other {
        /// The edition.
        edition: String,
        /// What came (`forms of 990027`).
        found: String,
        /// What was wanted.
        expected: String,
    },
    /// Older than the one in use: an old law must not come back by a replayed file.
    #[error("edition {edition}: was signed before the one in use")]
    Older {
        /// The edition.
        edition: String,
    },
}

/// One file of an edition.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EditionFile {
    /// Path inside the edition, `/` between folders.
    pub path: String,
    /// Its text, UTF-8.
    pub text: String,
}

impl EditionFile {
    /// Path and text, as what loads an edition takes them.
    #[must_use]
    pub fn pair(&self) -> (&str, &str) {
        (&self.path, &self.text)
    }
}

/// An edition: a set of files that are used together.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Edition {
    /// Catalogue or forms.
    pub kind: EditionKind,
    /// The town that it is for.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub tenant: TenantCode,
    /// Its name, e.g. `2026-04-01.1`.
    pub edition: String,
    /// When it was signed; orders editions.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub signed_at: Timestamp,
    /// Its files in the order of their paths.
    pub files: Vec<EditionFile>,
}

impl Edition {
    /// The bytes that are signed: a fixed prefix, then each field after its length (8 bytes, big endian).
    ///
    /// No JSON here: two writers of the same JSON may differ by a space, lengths cannot.
    #[must_use]
    pub fn canonical_bytes(&self) -> Vec<u8> {
        let mut bytes = b"genkan edition v1\0".to_vec();
        let mut field = |part: &[u8]| {
            bytes.extend_from_slice(&(part.len() as u64).to_be_bytes());
            bytes.extend_from_slice(part);
        };
        field(self.kind.as_str().as_bytes());
        field(self.tenant.as_str().as_bytes());
        field(self.edition.as_bytes());
        field(&self.signed_at.as_nanosecond().to_be_bytes());
        field(&(self.files.len() as u64).to_be_bytes());
        for file in &self.files {
            field(file.path.as_bytes());
            field(file.text.as_bytes());
        }
        bytes
    }
}

/// An edition with its detached signature.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SignedEdition {
    /// What is signed.
    pub content: Edition,
    /// Names the key.
    pub key_id: String,
    /// Ed25519, 64 bytes.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub signature: Bytes,
}

impl SignedEdition {
    /// Entity tag, quotes included: the edition's name and the head of its signature.
    #[must_use]
    pub fn etag(&self) -> String {
        let head: String = self
            .signature
            .0
            .iter()
            .take(12)
            .map(|byte| format!("{byte:02x}"))
            .collect();
        let name: String = self
            .content
            .edition
            .chars()
            .filter(|c| c.is_ascii_alphanumeric() || "._-".contains(*c))
            .collect();
        format!("\"{name}-{head}\"")
    }

    /// The content, if it is this town's, of this kind, signed by a trusted key and no older than `in_use`.
    ///
    /// `keys` are trusted (key id, public key) pairs; `verify(public key, message, signature)` checks Ed25519.
    ///
    /// # Errors
    /// [`EditionError`] names the edition and the reason.
    pub fn open(
        self,
        kind: EditionKind,
        tenant: &TenantCode,
        in_use: Option<Timestamp>,
        keys: &[(String, Vec<u8>)],
        verify: impl Fn(&[u8], &[u8], &[u8]) -> bool,
    ) -> Result<Edition, EditionError> {
        let edition = self.content.edition.clone();
        let trusted: Vec<_> = keys.iter().filter(|(id, _)| *id == self.key_id).collect();
        if trusted.is_empty() {
            return Err(EditionError::UnknownKey {
                edition,
                key_id: self.key_id,
            });
        }
        let message = self.content.canonical_bytes();
        if !trusted
            .iter()
            .any(|(_, key)| verify(key, &message, &self.signature.0))
        {
            return Err(EditionError::Signature { edition });
        }
        if self.content.kind != kind || self.content.tenant != *tenant {
            let found = format!("{} of {}", self.content.kind.as_str(), self.content.tenant);
            let expected = format!("{} of {tenant}", kind.as_str());
            return Err(EditionError::Other {
                edition,
                found,
                expected,
            });
        }
        if in_use.is_some_and(|current| self.content.signed_at < current) {
            return Err(EditionError::Older { edition });
        }
        Ok(self.content)
    }
}
