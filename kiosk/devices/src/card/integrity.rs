//! 券面事項の真正性: whether the four items are what an issuer signed, on the very card that it issued.
//!
//! Without it the four items are whatever answered the commands. A chain of four links, all RSA PKCS#1 v1.5 with SHA-256:
//! a trusted authority certifies the issuer's key (text EF 0004), the issuer signed the digest of the four items (EF 0003)
//! and the card's own key (EF 0007), and the card signs a challenge with that key, which a copy of its files cannot.
//!
//! The check is counted apart from the five commands of the four items: three more, or four for the first card of an
//! issuer, whose certificate is then remembered. The record also holds a digest of the 個人番号, which is few enough
//! digits to be found by trying: it is checked in place, wiped, and never leaves this module.

use std::sync::{Arc, Mutex, PoisonError};

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::error::KeyRejected;
use aws_lc_rs::signature::{ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};
use zeroize::Zeroizing;

use super::apdu;
use super::login::SHA256_DIGEST_INFO;
use super::{CardError, FourItemsRecord, Meaning, MyNumberCard, tlv};

const STEP: &str = "integrity";
/// Issuers remembered at most; the oldest goes first.
const MOST_ISSUERS: usize = 64;

/// What the check says about the four items.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Integrity {
    /// Signed by an issuer that a trusted authority certified, unchanged, and on the card itself.
    Genuine,
    /// Nothing is wrong, but a link is missing.
    Unverified(MissingLink),
    /// A signature or digest does not fit.
    Forged(Forgery),
}

/// Why the four items could not be verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MissingLink {
    /// The kiosk trusts no authority: the card was not asked.
    NoAuthority,
    /// No trusted authority certified the issuer.
    UnknownAuthority,
    /// The card has no record or no certificate.
    NoRecord,
    /// The card has no key of its own, or does not sign with it.
    NoProof,
}

impl MissingLink {
    /// A word for logs and reports.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::NoAuthority => "no-authority",
            Self::UnknownAuthority => "unknown-authority",
            Self::NoRecord => "no-record",
            Self::NoProof => "no-proof",
        }
    }
}

/// What does not fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Forgery {
    /// The items are not those that the record was made for.
    Items,
    /// The issuer did not sign the record.
    Record,
    /// The issuer did not sign the card's key.
    CardKey,
    /// The card does not have the key that the issuer signed: a copy.
    Copy,
}

impl Forgery {
    /// A word for logs and reports.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Items => "items",
            Self::Record => "record",
            Self::CardKey => "card-key",
            Self::Copy => "copy",
        }
    }
}

/// The authorities that certify card-face issuers (証明者), and the issuers they were seen to certify. Clones share both.
#[derive(Clone, Default)]
pub struct CardFaceTrust {
    authorities: Arc<[ParsedPublicKey]>,
    issuers: Arc<Mutex<Vec<RsaKey>>>,
}

impl CardFaceTrust {
    /// Trust in these keys, each a DER `SubjectPublicKeyInfo`. A certificate is matched by the key that verifies it; the key
    /// identifiers in it are not consulted.
    ///
    /// # Errors
    /// When one is no RSA key of 2048 to 8192 bits.
    pub fn new<'a>(keys: impl IntoIterator<Item = &'a [u8]>) -> Result<Self, KeyRejected> {
        let parse = |key| ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, key);
        Ok(Self {
            authorities: keys.into_iter().map(parse).collect::<Result<_, _>>()?,
            issuers: Arc::default(),
        })
    }

    /// How many authorities are trusted.
    #[must_use]
    pub fn authorities(&self) -> usize {
        self.authorities.len()
    }

    /// The issuer known already that signed this.
    fn known_signer(&self, message: &[u8], signature: &[u8]) -> Option<RsaKey> {
        let issuers = self.issuers.lock().unwrap_or_else(PoisonError::into_inner);
        issuers
            .iter()
            .find(|issuer| issuer.verify(message, signature))
            .cloned()
    }

    fn certifies(&self, certificate: &CvCertificate<'_>) -> bool {
        self.authorities.iter().any(|authority| {
            authority
                .verify_sig(certificate.body, certificate.seal)
                .is_ok()
        })
    }

    fn remember(&self, issuer: &RsaKey) {
        let mut issuers = self.issuers.lock().unwrap_or_else(PoisonError::into_inner);
        if issuers.len() == MOST_ISSUERS {
            issuers.remove(0);
        }
        issuers.push(issuer.clone());
    }
}

/// `90` exponent, `91` modulus, as the card writes keys.
#[derive(Clone)]
struct RsaKey {
    exponent: Vec<u8>,
    modulus: Vec<u8>,
}

impl RsaKey {
    fn parse(objects: &[u8]) -> Option<Self> {
        Some(Self {
            exponent: tlv::find(objects, 0x90)?.value.to_vec(),
            modulus: tlv::find(objects, 0x91)?.value.to_vec(),
        })
    }

    fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        let key = RsaPublicKeyComponents {
            n: &self.modulus,
            e: &self.exponent,
        };
        key.verify(&RSA_PKCS1_2048_8192_SHA256, message, signature)
            .is_ok()
    }
}

/// `7F21 { 5F4E { authority's id, issuer's id, key }, 5F37 signature over 5F4E's value }`.
struct CvCertificate<'a> {
    body: &'a [u8],
    seal: &'a [u8],
}

impl<'a> CvCertificate<'a> {
    fn parse(file: &'a [u8]) -> Option<Self> {
        let (outer, _) = tlv::first(file).filter(|(object, _)| object.tag == 0x7F21)?;
        Some(Self {
            body: tlv::find(outer.value, 0x5F4E)?.value,
            seal: tlv::find(outer.value, 0x5F37)?.value,
        })
    }

    /// The key stands behind two key identifiers of 16 bytes.
    fn key(&self) -> Option<RsaKey> {
        RsaKey::parse(self.body.get(32..)?)
    }
}

/// `FF30 { DF31 digest of the number's file, DF32 digest of the items, DF33 signature over both objects }`.
struct Signed {
    message: Zeroizing<Vec<u8>>,
    items_digest: Vec<u8>,
    signature: Vec<u8>,
}

impl Signed {
    fn parse(file: &[u8]) -> Option<Self> {
        let (outer, _) = tlv::first(file).filter(|(object, _)| object.tag == 0xFF30)?;
        let number = tlv::find(outer.value, 0xDF31)?;
        let items = tlv::find(outer.value, 0xDF32)?;
        Some(Self {
            message: Zeroizing::new([number.encoded, items.encoded].concat()),
            items_digest: items.value.to_vec(),
            signature: tlv::find(outer.value, 0xDF33)?.value.to_vec(),
        })
    }

    /// The digest covers the items without their offset table DF21, the first object inside FF20.
    fn fits(&self, items: &[u8]) -> Option<bool> {
        let (outer, _) = tlv::first(items)?;
        let (_, rest) = tlv::first(outer.value).filter(|(object, _)| object.tag == 0xDF21)?;
        Some(digest(&SHA256, rest).as_ref() == self.items_digest)
    }
}

/// What the chain breaks off with, before its end.
enum Stop {
    Verdict(Integrity),
    Error(CardError),
}

impl From<CardError> for Stop {
    fn from(error: CardError) -> Self {
        Self::Error(error)
    }
}

impl MyNumberCard {
    /// Checks the four items just read; the text PIN must still be verified. `challenge` is 32 fresh random bytes.
    ///
    /// # Errors
    /// Whatever the reader reports, and [`CardError::Malformed`] for a record, certificate or key that is cut.
    pub fn check_integrity(
        &mut self,
        record: &FourItemsRecord,
        trust: &CardFaceTrust,
        challenge: &[u8; 32],
    ) -> Result<Integrity, CardError> {
        if trust.authorities.is_empty() {
            return Ok(Integrity::Unverified(MissingLink::NoAuthority));
        }
        self.run_step(
            |card| match card.follow_chain(record.raw(), trust, challenge) {
                Ok(verdict) | Err(Stop::Verdict(verdict)) => Ok(verdict),
                Err(Stop::Error(error)) => Err(error),
            },
        )
    }

    fn follow_chain(
        &mut self,
        items: &[u8],
        trust: &CardFaceTrust,
        challenge: &[u8; 32],
    ) -> Result<Integrity, Stop> {
        let text = self.generation.text;
        self.connection.select(&text)?;
        let file = self.link_file(self.generation.integrity_record, MissingLink::NoRecord)?;
        let signed = Signed::parse(&file).ok_or_else(malformed)?;
        if !signed.fits(items).ok_or_else(malformed)? {
            return Err(forged(Forgery::Items));
        }
        let issuer = self.issuer(&signed, trust)?;
        self.prove(&issuer, challenge)?;
        Ok(Integrity::Genuine)
    }

    /// The key that signed the record, once a trusted authority has certified it.
    fn issuer(&mut self, signed: &Signed, trust: &CardFaceTrust) -> Result<RsaKey, Stop> {
        if let Some(key) = trust.known_signer(&signed.message, &signed.signature) {
            return Ok(key);
        }
        let file = self.link_file(self.generation.integrity_certificate, MissingLink::NoRecord)?;
        let certificate = CvCertificate::parse(&file).ok_or_else(malformed)?;
        let key = certificate.key().ok_or_else(malformed)?;
        if !key.verify(&signed.message, &signed.signature) {
            return Err(forged(Forgery::Record));
        }
        if !trust.certifies(&certificate) {
            return Err(missing(MissingLink::UnknownAuthority));
        }
        trust.remember(&key);
        Ok(key)
    }

    /// The card signs the challenge with a key that the issuer signed.
    fn prove(&mut self, issuer: &RsaKey, challenge: &[u8; 32]) -> Result<(), Stop> {
        let file = self.link_file(self.generation.card_key, MissingLink::NoProof)?;
        let (outer, _) = tlv::first(&file)
            .filter(|(object, _)| object.tag == 0xFF50)
            .ok_or_else(malformed)?;
        let key = tlv::find(outer.value, 0xDF51).ok_or_else(malformed)?;
        let seal = tlv::find(outer.value, 0xDF52).ok_or_else(malformed)?;
        if !issuer.verify(key.encoded, seal.value) {
            return Err(forged(Forgery::CardKey));
        }
        let own = RsaKey::parse(key.value).ok_or_else(malformed)?;
        let info = [&SHA256_DIGEST_INFO[..], digest(&SHA256, challenge).as_ref()].concat();
        let answer = self.connection.send(&apdu::sign(0x00, 0x00, &info))?;
        match answer.status.meaning() {
            Meaning::Done if own.verify(challenge, &answer.data) => Ok(()),
            Meaning::Done => Err(forged(Forgery::Copy)),
            meaning if lacks(meaning) => Err(missing(MissingLink::NoProof)),
            _ => Err(Stop::Error(CardError::Refused {
                step: STEP,
                status: answer.status,
            })),
        }
    }

    /// A file of the chain; a card without it lacks the link.
    fn link_file(&mut self, file: u16, lacking: MissingLink) -> Result<Zeroizing<Vec<u8>>, Stop> {
        self.connection
            .read_object(file, STEP)
            .map_err(|error| match error {
                CardError::Refused { status, .. } if lacks(status.meaning()) => missing(lacking),
                other => Stop::Error(other),
            })
    }
}

/// Whether a card says so of what it does not have. Any other refusal is trouble: half an answer of a card that is being
/// pulled ends in some status word, too.
fn lacks(meaning: Meaning) -> bool {
    matches!(
        meaning,
        Meaning::NotFound
            | Meaning::WrongFileType
            | Meaning::NotVerified
            | Meaning::WrongState
            | Meaning::WrongParameters
            | Meaning::UnknownCommand
            | Meaning::Unsupported
    )
}

fn malformed() -> Stop {
    Stop::Error(CardError::Malformed {
        step: STEP,
        reason: "missing or cut object",
    })
}

fn forged(forgery: Forgery) -> Stop {
    Stop::Verdict(Integrity::Forged(forgery))
}

fn missing(link: MissingLink) -> Stop {
    Stop::Verdict(Integrity::Unverified(link))
}
