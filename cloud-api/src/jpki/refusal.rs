//! Why a card login is refused.

use thiserror::Error;

/// Why a card login is refused.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
pub enum CardRefusal {
    /// Not a certificate that can be read.
    #[error("certificate is unreadable")]
    Unreadable,
    /// No anchor's key signed it.
    #[error("certificate comes from no trusted authority")]
    Untrusted,
    /// It is for something else.
    #[error("certificate is not for user authentication: {0}")]
    Usage(&'static str),
    /// The signature over the nonce does not fit its key.
    #[error("signature does not hold")]
    Signature,
    /// Past its end, or before its beginning.
    #[error("certificate is not valid today")]
    Expired,
    /// On a revocation list of its authority.
    #[error("certificate was revoked")]
    Revoked,
}
