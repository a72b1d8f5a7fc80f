//! The chain from a trusted authority to the card that answers, all RSA PKCS#1 v1.5 with SHA-256.
//!
//! The authority certifies the issuer's key (text EF 0004), the issuer signed the digest of the four items (EF 0003) and the
//! card's own key (EF 0007), and the card signs a challenge with that key, which a copy of its files cannot.
//!
//! What the chain does not prove: record and card key are tied to each other only by the issuer that signed both. Hardware
//! that presents the record of one card and lets another card of the same issuer sign is not recognised by it.
//!
//! The record also holds a digest of the 個人番号, which is few enough digits to be found by trying: whoever holds a record
//! wipes it, and neither stores nor logs it.

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::error::KeyRejected;
use aws_lc_rs::signature::{ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256};
use zeroize::Zeroizing;

use crate::error::FaceError;
use crate::rsa_key::RsaKey;
use crate::tlv;
use crate::verdict::{Forgery, Integrity, MissingLink};

/// One card's files and its signature, as the card gave them.
#[derive(Clone, Copy)]
pub struct FaceFiles<'a> {
    /// The four items, `FF20` (EF 0002).
    pub items: &'a [u8],
    /// Digests and the issuer's signature, `FF30` (EF 0003).
    pub record: &'a [u8],
    /// The issuer's certificate, `7F21` (EF 0004).
    pub certificate: &'a [u8],
    /// The card's own key with the issuer's signature, `FF50` (EF 0007).
    pub card_key: &'a [u8],
    /// The card's signature over the challenge.
    pub signature: &'a [u8],
}

/// The authorities (証明者) that certify card-face issuers.
#[derive(Default)]
pub struct FaceAuthorities(Vec<ParsedPublicKey>);

impl FaceAuthorities {
    /// Trust in these keys, each a DER `SubjectPublicKeyInfo`. A certificate is matched by the key that verifies it; the key
    /// identifiers in it are not consulted.
    ///
    /// # Errors
    /// When one is no RSA key of 2048 to 8192 bits.
    pub fn new<'a>(keys: impl IntoIterator<Item = &'a [u8]>) -> Result<Self, KeyRejected> {
        let parse = |key| ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, key);
        Ok(Self(keys.into_iter().map(parse).collect::<Result<_, _>>()?))
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// Follows the whole chain.
    ///
    /// # Errors
    /// A file that is cut or has other objects than it should.
    pub fn check(&self, files: &FaceFiles<'_>, challenge: &[u8]) -> Result<Integrity, FaceError> {
        let record = Record::parse(files.record)?;
        if !record.fits(files.items)? {
            return Ok(Integrity::Forged(Forgery::Items));
        }
        let certificate = Certificate::parse(files.certificate)?;
        let issuer = certificate.key()?;
        if !issuer.verify(&record.message, record.signature) {
            return Ok(Integrity::Forged(Forgery::Record));
        }
        if !self.certified(&certificate) {
            return Ok(Integrity::Unverified(MissingLink::UnknownAuthority));
        }
        answers(files, &issuer, challenge)
    }

    fn certified(&self, certificate: &Certificate<'_>) -> bool {
        self.0.iter().any(|authority| {
            authority
                .verify_sig(certificate.body, certificate.seal)
                .is_ok()
        })
    }
}

/// Whether the card that answers has the key that the issuer signed.
fn answers(
    files: &FaceFiles<'_>,
    issuer: &RsaKey<'_>,
    challenge: &[u8],
) -> Result<Integrity, FaceError> {
    let outer = outer(files.card_key, 0xFF50, CARD_KEY)?;
    let key = object(outer, 0xDF51, CARD_KEY)?;
    let seal = object(outer, 0xDF52, CARD_KEY)?;
    if !issuer.verify(key.encoded, seal.value) {
        return Ok(Integrity::Forged(Forgery::CardKey));
    }
    let own = RsaKey::parse(key.value).ok_or(malformed(CARD_KEY))?;
    Ok(if own.verify(challenge, files.signature) {
        Integrity::Genuine
    } else {
        Integrity::Forged(Forgery::Copy)
    })
}

/// The certificate among these whose key signed the record, so that it need not be read from the card once more.
///
/// # Errors
/// A record that is cut.
pub fn signer_of<'a, C: AsRef<[u8]>>(
    record: &[u8],
    certificates: &'a [C],
) -> Result<Option<&'a C>, FaceError> {
    let record = Record::parse(record)?;
    Ok(certificates.iter().find(|file| {
        Certificate::parse(file.as_ref())
            .and_then(|certificate| {
                Ok(certificate.key()?.verify(&record.message, record.signature))
            })
            .unwrap_or(false)
    }))
}

const RECORD: &str = "integrity record";
const CERTIFICATE: &str = "issuer's certificate";
const CARD_KEY: &str = "card key";

/// `FF30 { DF31 digest of the number's file, DF32 digest of the items, DF33 signature over both objects }`.
struct Record<'a> {
    message: Zeroizing<Vec<u8>>,
    items_digest: &'a [u8],
    signature: &'a [u8],
}

impl<'a> Record<'a> {
    fn parse(file: &'a [u8]) -> Result<Self, FaceError> {
        let outer = outer(file, 0xFF30, RECORD)?;
        let number = object(outer, 0xDF31, RECORD)?;
        let items = object(outer, 0xDF32, RECORD)?;
        Ok(Self {
            message: Zeroizing::new([number.encoded, items.encoded].concat()),
            items_digest: items.value,
            signature: object(outer, 0xDF33, RECORD)?.value,
        })
    }

    /// The digest covers the items without their offset table DF21, the first object inside FF20.
    fn fits(&self, items: &[u8]) -> Result<bool, FaceError> {
        const ITEMS: &str = "four items";
        let (_, rest) = tlv::first(outer(items, 0xFF20, ITEMS)?)
            .filter(|(object, _)| object.tag == 0xDF21)
            .ok_or(malformed(ITEMS))?;
        Ok(digest(&SHA256, rest).as_ref() == self.items_digest)
    }
}

/// `7F21 { 5F4E { authority's id, issuer's id, key }, 5F37 signature over 5F4E's value }`.
struct Certificate<'a> {
    body: &'a [u8],
    seal: &'a [u8],
}

impl<'a> Certificate<'a> {
    fn parse(file: &'a [u8]) -> Result<Self, FaceError> {
        let outer = outer(file, 0x7F21, CERTIFICATE)?;
        Ok(Self {
            body: object(outer, 0x5F4E, CERTIFICATE)?.value,
            seal: object(outer, 0x5F37, CERTIFICATE)?.value,
        })
    }

    /// The key stands behind two key identifiers of 16 bytes.
    fn key(&self) -> Result<RsaKey<'a>, FaceError> {
        let key = self.body.get(32..).and_then(RsaKey::parse);
        key.ok_or(malformed(CERTIFICATE))
    }
}

/// The value of the one object that a file begins with.
fn outer<'a>(bytes: &'a [u8], tag: u16, file: &'static str) -> Result<&'a [u8], FaceError> {
    tlv::first(bytes)
        .filter(|(object, _)| object.tag == tag)
        .map(|(object, _)| object.value)
        .ok_or(malformed(file))
}

fn object<'a>(outer: &'a [u8], tag: u16, file: &'static str) -> Result<tlv::Object<'a>, FaceError> {
    tlv::find(outer, tag).ok_or(malformed(file))
}

fn malformed(file: &'static str) -> FaceError {
    FaceError::Malformed {
        file,
        reason: "missing or cut object",
    }
}
