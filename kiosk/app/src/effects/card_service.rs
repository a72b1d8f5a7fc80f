//! The card: counting tries, reading the four items and checking that its issuer signed them, signing the cloud's nonce.
//! On a thread of its own.

use std::mem::take;
use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use devices::card::integrity::{CardFaceTrust, FaceCheck, FaceEvidence, Integrity};
use devices::card::{
    CardError, CardReader, Digest, FourItemsRecord, LastTry, MyNumberCard, Pin, PinKind, TriesLeft,
};
use jiff::civil::Date;
use kiosk_api::{
    Bytes, FaceProof, FourItems, KioskId, LoginProof, NonceReply, TenantCode, face_message,
    login_message, login_message_with_face,
};
use session::effect::{CardItems, CardProblem, Reply};
use zeroize::Zeroizing;

/// Longest wait for a nonce: the resident is waiting with the card on the reader.
pub(super) const NONCE_WAIT: Duration = Duration::from_secs(4);

/// Who may use a login proof: it is bound to one municipality and one kiosk.
#[derive(Clone)]
pub struct Audience {
    pub tenant: TenantCode,
    pub kiosk: KioskId,
}

/// The reader, and what it keeps during one visit.
pub struct CardService {
    reader: Box<dyn CardReader>,
    trust: CardFaceTrust,
    audience: Audience,
    open: Option<OpenCard>,
    proof: Option<LoginProof>,
}

/// A card whose tries were counted. Kept open so that nothing is asked of the card twice.
struct OpenCard {
    card: MyNumberCard,
    tries: TriesLeft,
}

impl CardService {
    /// A reader whose card was not read yet.
    #[must_use]
    pub fn new(reader: Box<dyn CardReader>, trust: CardFaceTrust, audience: Audience) -> Self {
        Self {
            reader,
            trust,
            audience,
            open: None,
            proof: None,
        }
    }

    /// How many tries the PIN has left.
    pub fn tries(&mut self) -> Reply {
        self.forget();
        match self.connect().map(|open| self.open.insert(open).tries) {
            Ok(TriesLeft::Left(left)) => Reply::CardTries(Some(left)),
            Ok(TriesLeft::Blocked) => Reply::CardTries(Some(0)),
            Ok(TriesLeft::Unknown) => Reply::CardTries(None),
            Err(error) => failed(&error),
        }
    }

    /// Reads the four items, checks that their issuer signed them for this card and, with a nonce, signs it; the proof stays
    /// here until [`CardService::take_proof`]. The cloud checks the face once more: what this kiosk could not verify goes
    /// there too, what it found forged does not.
    pub fn read(&mut self, pin: &Zeroizing<String>, nonce: Option<&NonceReply>) -> Reply {
        self.proof = None;
        // A card that was not counted is not the one whose tries the resident saw.
        let Some(mut open) = self.open.take() else {
            return Reply::CardFailed(CardProblem::Changed);
        };
        let record = match open.four_items(pin) {
            Ok(record) => record,
            Err(CardError::WrongPin { left }) => {
                open.tries = TriesLeft::Left(left);
                self.open = Some(open);
                return Reply::CardFailed(CardProblem::WrongPin { left });
            }
            Err(error) => return failed(&error),
        };
        let Some(mut items) = card_items(&record) else {
            return Reply::CardFailed(CardProblem::Unreadable);
        };
        let face = match self.face(&mut open.card, &record, nonce) {
            Ok(face) => face,
            Err(error) => return failed(&error),
        };
        match face.integrity {
            Integrity::Genuine => items.genuine = true,
            Integrity::Unverified(link) => {
                tracing::warn!(kind = "card-unverified", reason = link.word());
            }
            Integrity::Forged(forgery) => {
                tracing::error!(kind = "card-forged", reason = forgery.word());
                return Reply::CardFailed(CardProblem::Forged);
            }
        }
        if let Some(nonce) = nonce {
            let face = face.evidence.map(|evidence| face_proof(&record, evidence));
            self.proof = self.prove(&mut open.card, pin, nonce, (&items, face));
        }
        items.proof = self.proof.is_some();
        release(open.card);
        Reply::CardRead(items)
    }

    /// The proof of the last reading, once.
    pub fn take_proof(&mut self) -> Option<LoginProof> {
        self.proof.take()
    }

    /// Forgets everything and takes the power from the card.
    pub fn forget(&mut self) {
        self.proof = None;
        if let Some(open) = self.open.take() {
            release(open.card);
        }
    }

    fn connect(&mut self) -> Result<OpenCard, CardError> {
        let channel = self.reader.connect()?;
        let mut card = MyNumberCard::new(channel, self.reader.memory());
        let tries = card.tries_left(PinKind::Text)?;
        Ok(OpenCard { card, tries })
    }

    /// With a nonce the card's own signature is bound to it, so that the cloud can believe it.
    fn face(
        &self,
        card: &mut MyNumberCard,
        record: &FourItemsRecord,
        nonce: Option<&NonceReply>,
    ) -> Result<FaceCheck, CardError> {
        let Audience { tenant, kiosk } = &self.audience;
        let challenge = match nonce {
            Some(nonce) => face_message(tenant, kiosk, &nonce.nonce.0),
            None => random()?.to_vec(),
        };
        card.check_integrity(record, &self.trust, &challenge)
    }

    /// The login PIN usually has the same digits; where it has not, the visit goes on without a login. Its last try is
    /// never spent: nobody was asked about that one.
    fn prove(
        &self,
        card: &mut MyNumberCard,
        pin: &Zeroizing<String>,
        nonce: &NonceReply,
        (items, face): (&CardItems, Option<FaceProof>),
    ) -> Option<LoginProof> {
        let Audience { tenant, kiosk } = &self.audience;
        let message = match &face {
            Some(face) => login_message_with_face(tenant, kiosk, &nonce.nonce.0, face),
            None => Zeroizing::new(login_message(tenant, kiosk, &nonce.nonce.0)),
        };
        let hash: [u8; 32] = digest(&SHA256, &message).as_ref().try_into().ok()?;
        let pin = Pin::four_digits(pin).ok()?;
        match card.login(pin, &Digest::Sha256(hash), LastTry::Keep) {
            Ok(login) => Some(LoginProof {
                certificate: Bytes(login.certificate),
                signature: Bytes(login.signature),
                nonce: nonce.id,
                items: face.is_none().then(|| four_items(items)),
                face,
            }),
            Err(error) => {
                tracing::info!(
                    kind = "card-login",
                    reason = error.kind(),
                    "goes on without a login"
                );
                None
            }
        }
    }
}

impl OpenCard {
    fn four_items(&mut self, pin: &Zeroizing<String>) -> Result<FourItemsRecord, CardError> {
        // The session shows the tries and asks before the last one; a count that changed since then is not covered.
        let last_try = if self.tries.is_last() {
            LastTry::Spend
        } else {
            LastTry::Keep
        };
        let malformed = CardError::Malformed {
            step: "verify",
            reason: "not four digits",
        };
        let pin = Pin::four_digits(pin).map_err(|_| malformed)?;
        self.card.read_four_items(pin, last_try)
    }
}

fn random() -> Result<[u8; 32], CardError> {
    let mut bytes = [0; 32];
    aws_lc_rs::rand::fill(&mut bytes).map_err(|_| CardError::Reader("no randomness".into()))?;
    Ok(bytes)
}

fn face_proof(record: &FourItemsRecord, mut evidence: FaceEvidence) -> FaceProof {
    FaceProof {
        items: Bytes(record.raw().to_vec()),
        record: Bytes(take(&mut *evidence.record)),
        certificate: Bytes(take(&mut *evidence.certificate)),
        card_key: Bytes(take(&mut *evidence.card_key)),
        signature: Bytes(take(&mut *evidence.signature)),
    }
}

fn four_items(items: &CardItems) -> FourItems {
    FourItems {
        name: items.name.clone(),
        address: items.address.clone(),
        birth_date: items.birth_date,
        sex: items.sex,
    }
}

fn release(card: MyNumberCard) {
    match card.release() {
        Ok(count) => tracing::info!(kind = "card-left", commands = count.commands),
        Err(error) => tracing::debug!(kind = "card-left", reason = error.kind()),
    }
}

/// What the visit gets to know of the card, before it was checked and without a login.
fn card_items(record: &FourItemsRecord) -> Option<CardItems> {
    Some(CardItems {
        name: record.name().to_owned(),
        address: record.address().to_owned(),
        birth_date: birth_date(record.birth_date())?,
        sex: u8::try_from(record.sex().digit().to_digit(10)?).ok()?,
        proof: false,
        genuine: false,
    })
}

/// YYYYMMDD.
fn birth_date(text: &str) -> Option<Date> {
    Date::new(
        text.get(..4)?.parse().ok()?,
        text.get(4..6)?.parse().ok()?,
        text.get(6..8)?.parse().ok()?,
    )
    .ok()
}

fn failed(error: &CardError) -> Reply {
    tracing::info!(kind = "card-failed", reason = error.kind());
    Reply::CardFailed(problem(error))
}

/// The page that an error leads to.
#[must_use]
pub fn problem(error: &CardError) -> CardProblem {
    match error {
        CardError::WrongPin { left } => CardProblem::WrongPin { left: *left },
        CardError::Blocked => CardProblem::Blocked,
        CardError::Removed | CardError::NoCard => CardProblem::Removed,
        CardError::Timeout | CardError::Mute => CardProblem::Silent,
        // The counter is not what the resident was shown: somebody's other card, or another kiosk in between.
        CardError::LastTry => CardProblem::Changed,
        CardError::NotMyNumberCard
        | CardError::Refused { .. }
        | CardError::Malformed { .. }
        | CardError::Text { .. }
        | CardError::UnsupportedDigest(_) => CardProblem::Unreadable,
        CardError::NoReader
        | CardError::ServiceDown(_)
        | CardError::Busy
        | CardError::Forbidden(_)
        | CardError::Reader(_) => CardProblem::Reader,
    }
}
