//! Signs editions of catalogue and forms with the demo's key, as a municipality's publisher would.

use std::fs;
use std::path::{Path, PathBuf};

use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
use jiff::Timestamp;
use kiosk_api::{
    Bytes, Edition, EditionFile, EditionKind, SealingKey, SignedEdition, SignedSealingKey,
    TenantCode,
};
use rcgen::{KeyPair, SigningKey as _};
use thiserror::Error;

/// Why no edition was signed.
#[derive(Debug, Error)]
pub enum EditionError {
    /// A file of the edition cannot be read; editions are UTF-8 text throughout.
    #[error("{path}: {source}")]
    Read {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The signing key.
    #[error("edition key: {0}")]
    Key(#[from] rcgen::Error),
}

/// Every file below `folder`, in the order of their paths; hidden files and READMEs are no part of an edition.
///
/// # Errors
/// [`EditionError::Read`].
pub fn files(folder: &Path) -> Result<Vec<EditionFile>, EditionError> {
    let mut found = Vec::new();
    collect(folder, "", &mut found)?;
    found.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(found)
}

fn collect(folder: &Path, prefix: &str, found: &mut Vec<EditionFile>) -> Result<(), EditionError> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| EditionError::Read { path, source }
    };
    for entry in fs::read_dir(folder).map_err(failed(folder))? {
        let path = entry.map_err(failed(folder))?.path();
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else {
            continue;
        };
        if name.starts_with('.') || name == "README.md" {
            continue;
        }
        let inside = format!("{prefix}{name}");
        if path.is_dir() {
            collect(&path, &format!("{inside}/"), found)?;
        } else {
            let text = fs::read_to_string(&path).map_err(failed(&path))?;
            found.push(EditionFile { path: inside, text });
        }
    }
    Ok(())
}

/// Signs with an Ed25519 key (PEM, PKCS#8).
///
/// # Errors
/// [`EditionError::Key`].
pub fn sign(content: Edition, key_id: &str, key: &str) -> Result<SignedEdition, EditionError> {
    let signature = KeyPair::from_pem(key)?.sign(&content.canonical_bytes())?;
    Ok(SignedEdition {
        content,
        key_id: key_id.to_owned(),
        signature: Bytes(signature),
    })
}

/// Signs the public half of the town's sealing key, likewise; `signer` is the edition key's name and PEM.
///
/// # Errors
/// [`EditionError::Key`].
pub fn sign_sealing_key(
    tenant: &TenantCode,
    key: SealingKey,
    (signer, pem): (&str, &str),
    now: Timestamp,
) -> Result<SignedSealingKey, EditionError> {
    let mut signed = SignedSealingKey {
        tenant: tenant.clone(),
        key,
        signed_at: now,
        signer: signer.to_owned(),
        signature: Bytes::default(),
    };
    signed.signature = Bytes(KeyPair::from_pem(pem)?.sign(&signed.canonical_bytes())?);
    Ok(signed)
}

/// Checks an Ed25519 signature (RFC 8032).
#[must_use]
pub fn ed25519_is_valid(key: &[u8], message: &[u8], signature: &[u8]) -> bool {
    UnparsedPublicKey::new(&ED25519, key)
        .verify(message, signature)
        .is_ok()
}

/// The next edition of `files`, or `None` when the one published last holds the same.
#[must_use]
pub fn next(
    kind: EditionKind,
    tenant: &TenantCode,
    files: Vec<EditionFile>,
    published: &[SignedEdition],
    now: Timestamp,
) -> Option<Edition> {
    let last = published
        .iter()
        .map(|edition| &edition.content)
        .max_by_key(|content| content.signed_at);
    if last.is_some_and(|last| last.files == files) {
        return None;
    }
    let day = guidance::date_in_japan(now).to_string();
    let number = 1 + published
        .iter()
        .filter(|edition| edition.content.edition.starts_with(&day))
        .count();
    Some(Edition {
        kind,
        tenant: tenant.clone(),
        edition: format!("{day}.{number}"),
        signed_at: now,
        files,
    })
}
