//! Signatures, by the algorithm that the key or the signed object names.

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P384_SHA384_ASN1, RSA_PKCS1_2048_8192_SHA256,
    RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512, UnparsedPublicKey,
    VerificationAlgorithm,
};
use x509_parser::asn1_rs::Oid;
use x509_parser::oid_registry::{
    OID_EC_P256, OID_KEY_TYPE_EC_PUBLIC_KEY, OID_NIST_EC_P384, OID_NIST_HASH_SHA256,
    OID_NIST_HASH_SHA384, OID_NIST_HASH_SHA512, OID_PKCS1_RSAENCRYPTION, OID_PKCS1_SHA256WITHRSA,
    OID_PKCS1_SHA384WITHRSA, OID_PKCS1_SHA512WITHRSA, OID_SIG_ECDSA_WITH_SHA256,
    OID_SIG_ECDSA_WITH_SHA384,
};
use x509_parser::x509::{AlgorithmIdentifier, SubjectPublicKeyInfo};

/// Kinds of keys that occur.
#[derive(Clone, Copy, PartialEq, Eq)]
enum KeyKind {
    Rsa,
    P256,
    P384,
}

fn key_kind(key: &SubjectPublicKeyInfo<'_>) -> Option<KeyKind> {
    let algorithm = &key.algorithm;
    if algorithm.algorithm == OID_PKCS1_RSAENCRYPTION {
        return Some(KeyKind::Rsa);
    }
    if algorithm.algorithm != OID_KEY_TYPE_EC_PUBLIC_KEY {
        return None;
    }
    let curve = algorithm.parameters.as_ref()?.as_oid().ok()?;
    if curve == OID_NIST_EC_P384 {
        Some(KeyKind::P384)
    } else if curve == OID_EC_P256 {
        Some(KeyKind::P256)
    } else {
        None
    }
}

fn verify(
    algorithm: &'static dyn VerificationAlgorithm,
    key: &SubjectPublicKeyInfo<'_>,
    message: &[u8],
    signature: &[u8],
) -> bool {
    UnparsedPublicKey::new(algorithm, &key.subject_public_key.data)
        .verify(message, signature)
        .is_ok()
}

/// The card's signature: RSA PKCS#1 v1.5 with SHA-256 on today's card, ECDSA P-384 with SHA-384 (DER) on the next.
pub(super) fn by_card(key: &SubjectPublicKeyInfo<'_>, message: &[u8], signature: &[u8]) -> bool {
    match key_kind(key) {
        Some(KeyKind::Rsa) => verify(&RSA_PKCS1_2048_8192_SHA256, key, message, signature),
        Some(KeyKind::P384) => verify(&ECDSA_P384_SHA384_ASN1, key, message, signature),
        Some(KeyKind::P256) | None => false,
    }
}

/// A signature of CMS (RFC 5652), whose algorithm may be that of the key alone, with the digest named apart.
pub(crate) fn signed_by(
    key: &SubjectPublicKeyInfo<'_>,
    algorithm: &AlgorithmIdentifier<'_>,
    digest: Option<&Oid<'_>>,
    message: &[u8],
    signature: &[u8],
) -> bool {
    if algorithm.algorithm != OID_PKCS1_RSAENCRYPTION {
        return by_authority(key, algorithm, message, signature);
    }
    let algorithm: &'static dyn VerificationAlgorithm = match digest {
        Some(oid) if *oid == OID_NIST_HASH_SHA256 => &RSA_PKCS1_2048_8192_SHA256,
        Some(oid) if *oid == OID_NIST_HASH_SHA384 => &RSA_PKCS1_2048_8192_SHA384,
        Some(oid) if *oid == OID_NIST_HASH_SHA512 => &RSA_PKCS1_2048_8192_SHA512,
        _ => return false,
    };
    key_kind(key) == Some(KeyKind::Rsa) && verify(algorithm, key, message, signature)
}

/// An authority's signature over a certificate or list.
pub(super) fn by_authority(
    key: &SubjectPublicKeyInfo<'_>,
    algorithm: &AlgorithmIdentifier<'_>,
    message: &[u8],
    signature: &[u8],
) -> bool {
    let oid = &algorithm.algorithm;
    let algorithm: &'static dyn VerificationAlgorithm = match key_kind(key) {
        Some(KeyKind::Rsa) if *oid == OID_PKCS1_SHA256WITHRSA => &RSA_PKCS1_2048_8192_SHA256,
        Some(KeyKind::Rsa) if *oid == OID_PKCS1_SHA384WITHRSA => &RSA_PKCS1_2048_8192_SHA384,
        Some(KeyKind::Rsa) if *oid == OID_PKCS1_SHA512WITHRSA => &RSA_PKCS1_2048_8192_SHA512,
        Some(KeyKind::P384) if *oid == OID_SIG_ECDSA_WITH_SHA384 => &ECDSA_P384_SHA384_ASN1,
        Some(KeyKind::P256) if *oid == OID_SIG_ECDSA_WITH_SHA256 => &ECDSA_P256_SHA256_ASN1,
        _ => return false,
    };
    verify(algorithm, key, message, signature)
}
