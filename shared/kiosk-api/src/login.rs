//! Login by My Number Card (利用者証明): nonce, proof, and what comes back.

use ::application::ValueSet;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::bytes::Bytes;
use crate::facts::FactsDocument;
use crate::id::{KioskId, NonceId, TenantCode};

/// A nonce: usable once, by the kiosk that asked for it, until `expires_at`.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NonceReply {
    /// Comes back in the proof.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub id: NonceId,
    /// 32 random bytes.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub nonce: Bytes,
    /// Refused from this moment on.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub expires_at: Timestamp,
}

/// The bytes that the card's user-authentication key signs for a nonce when no card face goes with it.
///
/// Tenant and kiosk are part of them, so that a signature made at one kiosk is worth nothing at another, and the prefix
/// keeps the card from signing bytes that mean something elsewhere. Lengths are unambiguous because the prefix is fixed
/// and each part ends in a zero byte that no part can hold.
#[must_use]
pub fn login_message(tenant: &TenantCode, kiosk: &KioskId, nonce: &[u8]) -> Vec<u8> {
    bound(b"genkan card login v1\0", tenant, kiosk, nonce)
}

/// The bytes that the card's own key signs for the same nonce (券面の真正性).
#[must_use]
pub fn face_message(tenant: &TenantCode, kiosk: &KioskId, nonce: &[u8]) -> Vec<u8> {
    bound(b"genkan card face v1\0", tenant, kiosk, nonce)
}

/// The bytes that the user-authentication key signs when a card face goes with it: those of [`login_message`] under
/// another prefix and the whole face, so that a signature fits this face and no other. Wiped on drop, as the face is.
#[must_use]
pub fn login_message_with_face(
    tenant: &TenantCode,
    kiosk: &KioskId,
    nonce: &[u8],
    face: &FaceProof,
) -> Zeroizing<Vec<u8>> {
    let mut message = Zeroizing::new(bound(b"genkan card login v2\0", tenant, kiosk, &[]));
    let parts = [
        nonce,
        &face.items.0,
        &face.record.0,
        &face.certificate.0,
        &face.card_key.0,
        &face.signature.0,
    ];
    // At once: a buffer that grows leaves copies behind.
    message.reserve_exact(parts.iter().map(|part| part.len() + 8).sum());
    for part in parts {
        message.extend_from_slice(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        message.extend_from_slice(part);
    }
    message
}

fn bound(prefix: &[u8], tenant: &TenantCode, kiosk: &KioskId, nonce: &[u8]) -> Vec<u8> {
    let mut message = prefix.to_vec();
    for part in [tenant.as_str(), kiosk.as_str()] {
        message.extend_from_slice(part.as_bytes());
        message.push(0);
    }
    message.extend_from_slice(nonce);
    message
}

/// The four items of the card (券面事項入力補助, text AP EF 0002); wiped when dropped. No Debug.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ZeroizeOnDrop)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FourItems {
    /// 氏名
    pub name: String,
    /// 住所
    pub address: String,
    /// 生年月日
    #[zeroize(skip)]
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = Date))]
    pub birth_date: Date,
    /// 性別 as on the card: 1 男, 2 女, 9 適用不能 (3 and 0 occur too).
    pub sex: u8,
}

/// The card's face as its files hold it, and the card's own signature: the cloud takes the four items from here alone, once
/// the chain holds. Wiped when dropped; no Debug. `record` holds a digest of the 個人番号, from which the number can be found
/// by trying: whoever gets a face checks it in place, and neither stores nor logs it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FaceProof {
    /// The four items, object `FF20` (text EF 0002).
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub items: Bytes,
    /// Digests and the issuer's signature, `FF30` (text EF 0003).
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub record: Bytes,
    /// The issuer's certificate, `7F21` (text EF 0004).
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub certificate: Bytes,
    /// The card's own key, `FF50` (text EF 0007).
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub card_key: Bytes,
    /// The card's own signature over [`face_message`]: RSA PKCS#1 v1.5 with SHA-256.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub signature: Bytes,
}

/// Proof that the card lies on this kiosk's reader and its holder entered the PIN.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LoginProof {
    /// 利用者証明用電子証明書, X.509 DER.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub certificate: Bytes,
    /// Signature over [`login_message_with_face`], or [`login_message`] without a face. RSA PKCS#1 v1.5 with SHA-256 or
    /// ECDSA P-384 with SHA-384 (DER), as the certificate's key says.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub signature: Bytes,
    /// The nonce that was signed.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub nonce: NonceId,
    /// The card's face, where the card has all of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub face: Option<FaceProof>,
    /// Only without `face`: what the kiosk says that the card says. Nothing is released for it alone; the core system must
    /// know the certificate as that resident's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub items: Option<FourItems>,
}

impl Zeroize for LoginProof {
    fn zeroize(&mut self) {
        self.certificate.zeroize();
        self.signature.zeroize();
        // Both are wiped by their own drop.
        self.face = None;
        self.items = None;
    }
}

impl Drop for LoginProof {
    fn drop(&mut self) {
        self.zeroize();
    }
}

/// What the core system knows of the household; released only after the login held.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HouseholdReply {
    /// Facts for guidance; the card's holder is `A`, the others `B`, `C`… in the order of the core system.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub facts: FactsDocument,
    /// Values for forms, all with source `core`.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub values: ValueSet,
    /// What was checked.
    pub verification: Verification,
}

/// What the cloud checked of the certificate.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Verification {
    /// When.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub checked_at: Timestamp,
    /// Revocation.
    pub revocation: Revocation,
    /// The certificate ends then; the kiosk may remind of the renewal.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub certificate_until: Timestamp,
}

/// Whether revocation could be checked. A revoked certificate is a problem, not a value here.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Revocation {
    /// A current list of its CA was there, and the certificate is not on it.
    Checked,
    /// No list of its CA, or only a stale one: staff see 未確認.
    Unknown,
}
