//! The demo's own authorities: a test JPKI for cards, and one for TLS between kiosk and cloud.
//!
//! Everything is made on the machine that runs the demo, by `prepare`; nothing is committed.

mod card_authority;
mod extension;
mod time;
mod tls;

pub use card_authority::{AuthCertificate, CardAuthority, Generation};
pub(crate) use time::birthday_after;
pub use tls::{TlsAuthority, kiosk_uri};

use thiserror::Error;
use zeroize::Zeroizing;

use rcgen::{KeyPair, PKCS_RSA_SHA256};

/// Why no key or certificate could be made.
#[derive(Debug, Error)]
pub enum PkiError {
    /// The certificate library refused.
    #[error("certificate: {0}")]
    Certificate(#[from] rcgen::Error),
    /// A date lies outside what a certificate can say.
    #[error("date out of range: {0}")]
    Date(#[from] jiff::Error),
}

/// A new RSA-2048 key, PKCS#8 DER, as both the card and its authority use (sha256WithRSA).
///
/// # Errors
/// When the generator fails.
pub fn rsa_key() -> Result<Zeroizing<Vec<u8>>, PkiError> {
    Ok(Zeroizing::new(
        KeyPair::generate_for(&PKCS_RSA_SHA256)?.serialize_der(),
    ))
}

/// Reads an RSA key back from its PKCS#8 DER.
fn rsa_pair(pkcs8: &[u8]) -> Result<KeyPair, PkiError> {
    Ok(KeyPair::from_pkcs8_der_and_sign_algo(
        &pkcs8.to_vec().into(),
        &PKCS_RSA_SHA256,
    )?)
}
