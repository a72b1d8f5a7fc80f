//! TLS with the cloud: which servers the kiosk believes, who it is, and by which clock certificates are judged.

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::client::{ClientConfig, WantsClientCert};
use rustls::crypto::aws_lc_rs::default_provider;
use rustls::{ConfigBuilder, RootCertStore};
use rustls_pki_types::pem::{self, PemObject};
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use thiserror::Error;
use zeroize::Zeroizing;

use crate::settings;
use crate::trusted_time::TrustedTime;

/// Why no connection can even be tried.
#[derive(Debug, Error)]
pub enum TrustError {
    /// A file that the settings name cannot be read.
    #[error("{file}: {source}", file = file.display())]
    Unreadable { file: PathBuf, source: io::Error },
    /// The content of a certificate or key file is something else.
    #[error("{file}: {reason}", file = file.display())]
    Unusable { file: PathBuf, reason: String },
}

/// The configuration that the settings' files make; certificates are valid or not at the trusted time.
pub(super) fn config(
    settings: &settings::Cloud,
    time: &TrustedTime,
) -> Result<ClientConfig, TrustError> {
    let trusted = trusting(&settings.authority, time)?;
    let file: &Path = &settings.client_certificate;
    let chain: Vec<_> = certificates(file)?;
    let key = private_key(&settings.client_key)?;
    let (Some(key), false) = (key, chain.is_empty()) else {
        let reason = format!(
            "no certificate here, or no private key in {}",
            settings.client_key
        );
        return Err(unusable(file, reason));
    };
    trusted
        .with_client_auth_cert(chain, key)
        .map_err(|error| unusable(file, error))
}

fn trusting(
    authority: &Path,
    time: &TrustedTime,
) -> Result<ConfigBuilder<ClientConfig, WantsClientCert>, TrustError> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates(authority)? {
        roots
            .add(certificate)
            .map_err(|error| unusable(authority, error))?;
    }
    if roots.is_empty() {
        return Err(unusable(authority, "no certificate in it"));
    }
    let clock = Arc::new(time.clone());
    let builder = ClientConfig::builder_with_details(Arc::new(default_provider()), clock)
        .with_safe_default_protocol_versions()
        .map_err(|error| unusable(authority, error))?;
    Ok(builder.with_root_certificates(roots))
}

fn certificates(file: &Path) -> Result<Vec<CertificateDer<'static>>, TrustError> {
    let bytes = contents(file)?;
    CertificateDer::pem_slice_iter(&bytes)
        .collect::<Result<_, _>>()
        .map_err(|error| unusable(file, error))
}

/// None where the file holds no key. One that others than its owner may read or write is not taken.
fn private_key(file: &Path) -> Result<Option<PrivateKeyDer<'static>>, TrustError> {
    let mode = fs::metadata(file).map_or(0, |file| file.permissions().mode() & 0o7777);
    if mode & 0o077 != 0 {
        let reason = format!(
            "mode {mode:04o} lets others than its owner read or write this key: chmod 600 {}",
            file.display()
        );
        return Err(unusable(file, reason));
    }
    match PrivateKeyDer::from_pem_slice(&contents(file)?) {
        Ok(key) => Ok(Some(key)),
        Err(pem::Error::NoItemsFound) => Ok(None),
        Err(error) => Err(unusable(file, error)),
    }
}

fn contents(file: &Path) -> Result<Zeroizing<Vec<u8>>, TrustError> {
    fs::read(file)
        .map(Zeroizing::new)
        .map_err(|source| TrustError::Unreadable {
            file: file.to_owned(),
            source,
        })
}

fn unusable(file: &Path, reason: impl ToString) -> TrustError {
    TrustError::Unusable {
        file: file.to_owned(),
        reason: reason.to_string(),
    }
}
