//! Keys and signatures of editions, for `cloud-api catalogue sign` and its like.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use kiosk_api::{
    Edition, EditionError, EditionFile, Entropy, SealingKey, SignedEdition, SignedSealingKey,
    TenantCode, TenantPrivateKey, TenantPublicKey,
};
use rustls_pki_types::PrivatePkcs8KeyDer;
use rustls_pki_types::pem::PemObject;
use thiserror::Error;
use zeroize::Zeroizing;

use crate::editions::{Compile, verify_ed25519};
use crate::secret_file;

/// Why nothing was signed.
#[derive(Debug, Error)]
pub enum SigningError {
    /// A file.
    #[error("{path}: {source}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Not an Ed25519 key.
    #[error("{path}: expected an Ed25519 private key (PKCS#8 PEM)")]
    Key {
        /// Which file.
        path: PathBuf,
    },
    /// The edition itself: file, line, reason.
    #[error("{0}")]
    Content(String),
    /// The signed file does not hold.
    #[error(transparent)]
    Edition(#[from] EditionError),
    /// No randomness.
    #[error("the system gave no randomness")]
    Randomness,
}

fn file(path: &Path) -> impl FnOnce(io::Error) -> SigningError {
    let path = path.to_owned();
    move |source| SigningError::File { path, source }
}

/// Every file below `folder` in the order of their paths. Hidden files and READMEs are no part of an edition.
///
/// # Errors
/// A file that can't be read or is not UTF-8.
pub fn edition_files(folder: &Path) -> Result<Vec<EditionFile>, SigningError> {
    let (mut found, mut waiting) = (Vec::new(), vec![(folder.to_owned(), String::new())]);
    while let Some((folder, prefix)) = waiting.pop() {
        for entry in fs::read_dir(&folder).map_err(file(&folder))? {
            let path = entry.map_err(file(&folder))?.path();
            let Some(name) = path.file_name().and_then(|name| name.to_str()) else {
                continue;
            };
            if name.starts_with('.') || name == "README.md" {
                continue;
            }
            let inside = format!("{prefix}{name}");
            if path.is_dir() {
                waiting.push((path, format!("{inside}/")));
            } else {
                let text = fs::read_to_string(&path).map_err(file(&path))?;
                found.push(EditionFile { path: inside, text });
            }
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(found)
}

/// Signs an edition that compiles; one that doesn't is never signed.
///
/// # Errors
/// [`SigningError`].
pub fn sign<T: Compile>(
    content: Edition,
    key_id: &str,
    key: &Path,
) -> Result<SignedEdition, SigningError> {
    T::compile(&content).map_err(SigningError::Content)?;
    let pair = read_key(key)?;
    let signature = pair.sign(&content.canonical_bytes()).as_ref().to_vec();
    Ok(SignedEdition {
        content,
        key_id: key_id.to_owned(),
        signature: signature.into(),
    })
}

/// Signs the public half of a town's sealing key, so that kiosks take it.
///
/// # Errors
/// [`SigningError`].
pub fn sign_sealing_key(
    tenant: TenantCode,
    sealing_key: SealingKey,
    signed_at: Timestamp,
    (signer, key): (&str, &Path),
) -> Result<SignedSealingKey, SigningError> {
    TenantPublicKey::from_bytes(&sealing_key.public_key.0)
        .map_err(|error| SigningError::Content(error.to_string()))?;
    let mut signed = SignedSealingKey {
        tenant,
        key: sealing_key,
        signed_at,
        signer: signer.to_owned(),
        signature: Vec::new().into(),
    };
    let signature = read_key(key)?.sign(&signed.canonical_bytes());
    signed.signature = signature.as_ref().to_vec().into();
    Ok(signed)
}

fn read_key(path: &Path) -> Result<Ed25519KeyPair, SigningError> {
    let pem = secret_file::read(path).map_err(file(path))?;
    PrivatePkcs8KeyDer::from_pem_slice(&pem)
        .ok()
        .and_then(|der| Ed25519KeyPair::from_pkcs8_maybe_unchecked(der.secret_pkcs8_der()).ok())
        .ok_or_else(|| SigningError::Key {
            path: path.to_owned(),
        })
}

/// Checks a signed edition with a public key file and compiles it.
///
/// # Errors
/// [`SigningError`].
pub fn verify<T: Compile>(
    signed: SignedEdition,
    public_key: &Path,
) -> Result<Edition, SigningError> {
    let text = fs::read_to_string(public_key).map_err(file(public_key))?;
    let key = STANDARD.decode(text.trim()).unwrap_or_default();
    let (tenant, keys) = (
        signed.content.tenant.clone(),
        vec![(signed.key_id.clone(), key)],
    );
    let edition = signed.open(T::KIND, &tenant, None, &keys, verify_ed25519)?;
    T::compile(&edition).map_err(SigningError::Content)?;
    Ok(edition)
}

/// Makes an edition key: the private half (PKCS#8 PEM, mode 0600) at `private`, the public half (base64) at `public`.
///
/// # Errors
/// [`SigningError`]; a file that is there is never written over.
pub fn new_edition_key(private: &Path, public: &Path) -> Result<(), SigningError> {
    let pair = Ed25519KeyPair::generate().map_err(|_| SigningError::Randomness)?;
    let der: Pkcs8V1Der<'static> = pair.as_der().map_err(|_| SigningError::Randomness)?;
    let mut pem = Zeroizing::new(String::from("-----BEGIN PRIVATE KEY-----\n"));
    pem.push_str(&Zeroizing::new(STANDARD.encode(der.as_ref())));
    pem.push_str("\n-----END PRIVATE KEY-----\n");
    write_new(private, pem.as_bytes(), 0o600)?;
    write_new(
        public,
        format!("{}\n", STANDARD.encode(pair.public_key())).as_bytes(),
        0o644,
    )
}

/// Makes a sealing key: 32 bytes as base64 (mode 0600) at `path`; returns the public half as base64.
///
/// # Errors
/// [`SigningError`]; a file that is there is never written over.
pub fn new_sealing_key(path: &Path) -> Result<String, SigningError> {
    let mut seed = [0; 32];
    aws_lc_rs::rand::fill(&mut seed).map_err(|_| SigningError::Randomness)?;
    let key = TenantPrivateKey::derive(&Entropy::new(seed));
    let text = Zeroizing::new(format!("{}\n", STANDARD.encode(key.to_bytes().as_slice())));
    write_new(path, text.as_bytes(), 0o600)?;
    Ok(STANDARD.encode(key.public().to_bytes()))
}

/// Makes the platform's own key: 32 random bytes as base64 (mode 0600) at `path`.
///
/// # Errors
/// [`SigningError`]; a file that is there is never written over.
pub fn new_platform_key(path: &Path) -> Result<(), SigningError> {
    let mut key = Zeroizing::new([0; 32]);
    aws_lc_rs::rand::fill(&mut *key).map_err(|_| SigningError::Randomness)?;
    let text = Zeroizing::new(format!("{}\n", STANDARD.encode(*key)));
    write_new(path, text.as_bytes(), 0o600)
}

fn write_new(path: &Path, bytes: &[u8], mode: u32) -> Result<(), SigningError> {
    use std::io::Write as _;
    use std::os::unix::fs::OpenOptionsExt as _;
    let mut new = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(mode)
        .open(path)
        .map_err(file(path))?;
    new.write_all(bytes)
        .and_then(|()| new.sync_all())
        .map_err(file(path))
}
