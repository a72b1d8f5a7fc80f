//! 券面事項の真正性: whether the four items are what an issuer signed, on the very card that it issued.
//!
//! Without it the four items are whatever answered the commands. What the chain is and what it does not prove stands in
//! [`card_face`], which the cloud checks with once more; here its files are read from the card.
//!
//! The check is counted apart from the five commands of the four items: three more, or four for the first card of an
//! issuer, whose certificate is then remembered.

use std::sync::{Arc, Mutex, PoisonError};

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::error::KeyRejected;
use card_face::{FaceAuthorities, FaceFiles, signer_of};
use zeroize::Zeroizing;

pub use card_face::{Forgery, Integrity, MissingLink};

use super::apdu;
use super::login::SHA256_DIGEST_INFO;
use super::{CardError, FourItemsRecord, Meaning, MyNumberCard};

const STEP: &str = "integrity";
/// Issuers remembered at most; the oldest goes first.
const MOST_ISSUERS: usize = 64;

/// The authorities that certify card-face issuers (証明者), and the certificates seen so far. Clones share both.
#[derive(Clone, Default)]
pub struct CardFaceTrust {
    authorities: Arc<FaceAuthorities>,
    certificates: Arc<Mutex<Vec<Vec<u8>>>>,
}

impl CardFaceTrust {
    /// Trust in these keys, as [`FaceAuthorities::new`] takes them.
    ///
    /// # Errors
    /// When one is no RSA key of 2048 to 8192 bits.
    pub fn new<'a>(keys: impl IntoIterator<Item = &'a [u8]>) -> Result<Self, KeyRejected> {
        Ok(Self {
            authorities: Arc::new(FaceAuthorities::new(keys)?),
            certificates: Arc::default(),
        })
    }

    /// How many authorities are trusted.
    #[must_use]
    pub fn authorities(&self) -> usize {
        self.authorities.count()
    }

    /// The certificate of the record's issuer, if it was seen on an earlier card.
    fn known_certificate(&self, record: &[u8]) -> Result<Option<Vec<u8>>, CardError> {
        let seen = self.certificates.lock();
        let seen = seen.unwrap_or_else(PoisonError::into_inner);
        Ok(signer_of(record, &seen)?.cloned())
    }

    fn remember(&self, certificate: &[u8]) {
        let seen = self.certificates.lock();
        let mut seen = seen.unwrap_or_else(PoisonError::into_inner);
        if seen.iter().any(|known| known == certificate) {
            return;
        }
        if seen.len() == MOST_ISSUERS {
            seen.remove(0);
        }
        seen.push(certificate.to_vec());
    }
}

/// The files of the chain and the card's signature, for whoever checks them again. Wiped on drop; no Debug, since the
/// record holds a digest of the 個人番号.
pub struct FaceEvidence {
    /// Text EF 0003.
    pub record: Zeroizing<Vec<u8>>,
    /// Text EF 0004.
    pub certificate: Zeroizing<Vec<u8>>,
    /// Text EF 0007.
    pub card_key: Zeroizing<Vec<u8>>,
    /// Over the challenge.
    pub signature: Zeroizing<Vec<u8>>,
}

/// What was found, and with what.
pub struct FaceCheck {
    /// The verdict with the kiosk's own authorities.
    pub integrity: Integrity,
    /// All of the chain, where the card has it.
    pub evidence: Option<FaceEvidence>,
}

impl FaceCheck {
    fn unverified(link: MissingLink) -> Self {
        Self {
            integrity: Integrity::Unverified(link),
            evidence: None,
        }
    }
}

/// What reading the chain breaks off with.
enum Stop {
    Lacking(MissingLink),
    Error(CardError),
}

impl From<CardError> for Stop {
    fn from(error: CardError) -> Self {
        Self::Error(error)
    }
}

impl MyNumberCard {
    /// Checks the four items just read; the text PIN must still be verified. The challenge is fresh, or bound to something
    /// that is; the card signs it whatever its length.
    ///
    /// # Errors
    /// Whatever the reader reports, and [`CardError::Malformed`] for a record, certificate or key that is cut.
    pub fn check_integrity(
        &mut self,
        items: &FourItemsRecord,
        trust: &CardFaceTrust,
        challenge: &[u8],
    ) -> Result<FaceCheck, CardError> {
        if trust.authorities() == 0 {
            return Ok(FaceCheck::unverified(MissingLink::NoAuthority));
        }
        self.run_step(|card| {
            let evidence = match card.evidence(trust, challenge) {
                Ok(evidence) => evidence,
                Err(Stop::Lacking(link)) => return Ok(FaceCheck::unverified(link)),
                Err(Stop::Error(error)) => return Err(error),
            };
            let files = FaceFiles {
                items: items.raw(),
                record: &evidence.record,
                certificate: &evidence.certificate,
                card_key: &evidence.card_key,
                signature: &evidence.signature,
            };
            let integrity = trust.authorities.check(&files, challenge)?;
            if integrity == Integrity::Genuine {
                trust.remember(&evidence.certificate);
            }
            Ok(FaceCheck {
                integrity,
                evidence: Some(evidence),
            })
        })
    }

    fn evidence(&mut self, trust: &CardFaceTrust, challenge: &[u8]) -> Result<FaceEvidence, Stop> {
        let text = self.generation.text;
        self.connection.select(&text)?;
        let record = self.link_file(self.generation.integrity_record, MissingLink::NoRecord)?;
        let certificate = match trust.known_certificate(&record)? {
            Some(known) => Zeroizing::new(known),
            None => self.link_file(self.generation.integrity_certificate, MissingLink::NoRecord)?,
        };
        let card_key = self.link_file(self.generation.card_key, MissingLink::NoProof)?;
        Ok(FaceEvidence {
            record,
            certificate,
            card_key,
            signature: self.own_signature(challenge)?,
        })
    }

    /// With the key that is named by P2 = 00 and needs no PIN.
    fn own_signature(&mut self, challenge: &[u8]) -> Result<Zeroizing<Vec<u8>>, Stop> {
        let info = [&SHA256_DIGEST_INFO[..], digest(&SHA256, challenge).as_ref()].concat();
        let answer = self.connection.send(&apdu::sign(0x00, 0x00, &info))?;
        match answer.status.meaning() {
            Meaning::Done => Ok(Zeroizing::new(answer.data.to_vec())),
            meaning if lacks(meaning) => Err(Stop::Lacking(MissingLink::NoProof)),
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
                CardError::Refused { status, .. } if lacks(status.meaning()) => {
                    Stop::Lacking(lacking)
                }
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
