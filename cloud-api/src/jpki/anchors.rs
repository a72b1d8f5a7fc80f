//! Trust anchors: self-signed CA certificates from a folder.

use jiff::Timestamp;
use x509_parser::extensions::ParsedExtension;
use x509_parser::prelude::{FromDer, X509Certificate};

use super::der::{der_objects, sha256};
use super::{certificate, signature};

/// A CA whose certificates are trusted.
pub(super) struct Anchor {
    der: Vec<u8>,
    pub(super) digest: [u8; 32],
}

/// Reads the CA certificates of one file.
pub(super) fn read(bytes: &[u8]) -> Result<Vec<Anchor>, String> {
    der_objects(bytes, "CERTIFICATE")?
        .into_iter()
        .map(Anchor::new)
        .collect()
}

impl Anchor {
    fn new(der: Vec<u8>) -> Result<Self, String> {
        let (_, parsed) =
            X509Certificate::from_der(&der).map_err(|e| format!("not a certificate: {e}"))?;
        if !parsed.is_ca() {
            return Err("not the certificate of an authority".to_owned());
        }
        let digest = sha256(&der);
        Ok(Self { der, digest })
    }

    /// Runs `then` on the parsed certificate.
    pub(super) fn parsed<T>(&self, then: impl FnOnce(&X509Certificate<'_>) -> T) -> Option<T> {
        X509Certificate::from_der(&self.der)
            .ok()
            .map(|(_, parsed)| then(&parsed))
    }

    /// Whether this anchor is valid at `now` and its key signed the certificate.
    pub(super) fn signed(&self, leaf: &X509Certificate<'_>, now: Timestamp) -> bool {
        self.parsed(|anchor| {
            certificate::check_validity(anchor, now).is_ok()
                && same_key(authority_key(leaf), subject_key(anchor))
                && signature::by_authority(
                    anchor.public_key(),
                    &leaf.signature_algorithm,
                    leaf.tbs_certificate.as_ref(),
                    &leaf.signature_value.data,
                )
        })
        .unwrap_or(false)
    }
}

/// Where both sides name a key they must name the same; where one names none the signature alone decides.
pub(super) fn same_key(authority: Option<Vec<u8>>, subject: Option<Vec<u8>>) -> bool {
    authority.zip(subject).is_none_or(|(a, b)| a == b)
}

fn authority_key(certificate: &X509Certificate<'_>) -> Option<Vec<u8>> {
    certificate
        .extensions()
        .iter()
        .find_map(|extension| match extension.parsed_extension() {
            ParsedExtension::AuthorityKeyIdentifier(aki) => {
                aki.key_identifier.as_ref().map(|id| id.0.to_vec())
            }
            _ => None,
        })
}

pub(super) fn subject_key(certificate: &X509Certificate<'_>) -> Option<Vec<u8>> {
    certificate
        .extensions()
        .iter()
        .find_map(|extension| match extension.parsed_extension() {
            ParsedExtension::SubjectKeyIdentifier(id) => Some(id.0.to_vec()),
            _ => None,
        })
}
