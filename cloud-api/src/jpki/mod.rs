//! 公的個人認証: whether the card's user-authentication certificate and its signature hold (card.md A6, A9).
//!
//! Anchors are matched by key identifier and signature, never by name: three generations of the CA bear the same name.
//! The algorithm comes from the certificate's key, because the next card signs with ECDSA P-384.

mod anchors;
mod authority;
mod certificate;
mod der;
mod faces;
mod refusal;
mod revocation;
mod serial;
mod signature;

pub use authority::{CardAuthority, Verified};
pub use faces::{CardFaces, items_of};
pub use refusal::CardRefusal;
pub use serial::{CertificateSerial, SerialError};
pub(crate) use signature::signed_by;
