//! Where heads of the trails go, from the settings and the files that they name.

use std::path::Path;
use std::time::Duration;

use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject as _;

use crate::anchor::{AnchorFile, Anchoring};
use crate::secret_file;
use crate::settings::AnchorSettings;
use crate::webhooks::{Guard, SigningSecret};

pub(super) fn open(settings: &AnchorSettings, guard: Guard) -> Result<Anchoring, String> {
    let webhook = settings.webhook.clone().zip(
        settings
            .webhook_secret_file
            .as_deref()
            .map(secret)
            .transpose()?,
    );
    let time_stamp = settings.time_stamp.clone().zip(
        settings
            .time_stamp_ca_file
            .as_deref()
            .map(certificates)
            .transpose()?,
    );
    Ok(Anchoring {
        file: settings.file.clone().map(AnchorFile::new),
        webhook,
        time_stamp,
        every: Duration::from_secs(settings.every_seconds),
        guard,
        anchored: tokio::sync::Mutex::default(),
    })
}

fn secret(path: &Path) -> Result<SigningSecret, String> {
    let named = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
    let text = secret_file::read_text(path).map_err(|error| named(&error))?;
    SigningSecret::parse(&text).map_err(|error| named(&error))
}

/// The certificates of a PEM file, DER.
fn certificates(path: &Path) -> Result<Vec<Vec<u8>>, String> {
    let named = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
    let bytes = std::fs::read(path).map_err(|error| named(&error))?;
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&bytes).collect();
    let found = found.unwrap_or_default();
    if found.is_empty() {
        return Err(named(&"no certificate (PEM)"));
    }
    Ok(found.into_iter().map(|one| one.to_vec()).collect())
}
