//! An application as a row. The envelope is kept as it came, sealed; columns beside it name no person.

use jiff::Timestamp;
use kiosk_api::{ApplicationId, KioskId, TenantCode};

use crate::protection::ANSWERED;
use crate::row::{FromRow, Row};
use crate::{ApplicationStatus, Index, Protection, StoreError};

/// An application to be stored.
#[derive(Clone)]
pub struct NewApplication {
    /// The town.
    pub tenant: TenantCode,
    /// Its id.
    pub id: ApplicationId,
    /// The kiosk.
    pub kiosk: KioskId,
    /// Reception number.
    pub reception: String,
    /// Life event.
    pub event: String,
    /// Day of the visit.
    pub as_of: String,
    /// How many forms.
    pub forms: i64,
    /// How far the card was checked (`none`, `unverified`, `verified`).
    pub card: String,
    /// How many notes for staff.
    pub notes: i64,
    /// When it came.
    pub received_at: Timestamp,
    /// The sealed envelope, JSON.
    pub envelope: Vec<u8>,
    /// What it is listed and found by.
    pub index: Index,
    /// Whether the core system is to be asked about it.
    pub protection: Protection,
}

/// What became of an insert.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Inserted {
    /// Stored now.
    New,
    /// The id was there already; nothing was changed.
    AlreadyStored,
}

/// One application as a list shows it.
#[derive(Clone, PartialEq, Eq)]
pub struct ApplicationRow {
    /// Its id.
    pub id: ApplicationId,
    /// The kiosk.
    pub kiosk: KioskId,
    /// Reception number.
    pub reception: String,
    /// Life event.
    pub event: String,
    /// How many forms.
    pub forms: i64,
    /// How far the card was checked.
    pub card: String,
    /// How many notes for staff.
    pub notes: i64,
    /// How far it has come at the counter.
    pub status: ApplicationStatus,
    /// Why it went back, if it did.
    pub reason: Option<String>,
    /// The earliest due date of its plan, ISO.
    pub due: Option<String>,
    /// Who works on it, by id, and until when it is theirs.
    pub claim: Option<(String, Timestamp)>,
    /// How often it was corrected.
    pub revision: i64,
    /// Whether staff must take care (支援措置); nothing of it is shown to the resident.
    pub protection: Protection,
    /// When it came.
    pub received_at: Timestamp,
    /// Whether somebody else than this program wrote it: then nothing in it is to be taken for true.
    pub altered: bool,
    pub(crate) proof: RowProof,
}

/// What a row's tag covers beside what is shown, and the tag.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct RowProof {
    pub(crate) as_of: String,
    pub(crate) counters: String,
    pub(crate) digest: Option<Vec<u8>>,
    pub(crate) tag: Option<Vec<u8>>,
    /// Whether the column `protection` says that the answer is a token, and the token.
    pub(crate) answered: bool,
    pub(crate) answer: Option<Vec<u8>>,
}

/// The columns of an [`ApplicationRow`].
pub(crate) const COLUMNS: &str = "id, kiosk, reception, event, forms, card, notes, state, reason, due, claimed_by, claimed_until, \
    revision, protection, received_at, as_of, counters, digest, tag, answer";

/// Selects an [`ApplicationRow`]; `a` is the table.
pub(crate) const SELECT: &str = "SELECT a.id, a.kiosk, a.reception, a.event, a.forms, a.card, a.notes, a.state, a.reason, a.due, \
    a.claimed_by, a.claimed_until, a.revision, a.protection, a.received_at, a.as_of, a.counters, a.digest, a.tag, a.answer \
    FROM applications a";

impl FromRow for ApplicationRow {
    const TABLE: &'static str = "applications";

    fn from_row(row: &Row) -> Result<Self, StoreError> {
        let claimed_by: Option<String> = row.get("claimed_by")?;
        let (status, protection) = (
            ApplicationStatus::from_word(&row.get::<String>("state")?),
            protection(&row.get::<String>("protection")?),
        );
        Ok(Self {
            id: row.application_id("id")?,
            kiosk: row.parse("kiosk")?,
            reception: row.get("reception")?,
            event: row.get("event")?,
            forms: row.get("forms")?,
            card: row.get("card")?,
            notes: row.get("notes")?,
            status: status.unwrap_or(ApplicationStatus::Received),
            reason: row.get("reason")?,
            due: row.get("due")?,
            claim: claimed_by.zip(row.time_if_any("claimed_until")?),
            revision: row.get("revision")?,
            // What only the key can read counts as found until it is read, so that nothing leaks meanwhile.
            protection: protection.unwrap_or(Protection::Found),
            received_at: row.time("received_at")?,
            // One row with a word that is none must not hide all others.
            altered: status.is_none() || protection.is_none(),
            proof: RowProof {
                as_of: row.get("as_of")?,
                counters: row.get("counters")?,
                digest: row.get("digest")?,
                tag: row.get("tag")?,
                answered: row.get::<String>("protection")? == ANSWERED,
                answer: row.get("answer")?,
            },
        })
    }
}

/// As the column says.
fn protection(word: &str) -> Option<Protection> {
    match word {
        ANSWERED => Some(Protection::Found),
        word => Protection::from_word(word),
    }
}

impl ApplicationRow {
    /// As an application that comes in will be read.
    pub(crate) fn of_new(new: &NewApplication, digest: &[u8]) -> Self {
        Self {
            id: new.id,
            kiosk: new.kiosk.clone(),
            reception: new.reception.clone(),
            event: new.event.clone(),
            forms: new.forms,
            card: new.card.clone(),
            notes: new.notes,
            status: ApplicationStatus::Received,
            reason: None,
            due: new.index.due.clone(),
            claim: None,
            revision: 0,
            protection: new.protection,
            received_at: new.received_at,
            altered: false,
            proof: RowProof {
                as_of: new.as_of.clone(),
                counters: new.index.counters_column(),
                digest: Some(digest.to_vec()),
                tag: None,
                answered: false,
                answer: None,
            },
        }
    }
}

/// A row with its sealed envelope.
pub(crate) struct Whole(pub(crate) ApplicationRow, pub(crate) Vec<u8>);

impl FromRow for Whole {
    const TABLE: &'static str = "applications";

    fn from_row(row: &Row) -> Result<Self, StoreError> {
        Ok(Self(ApplicationRow::from_row(row)?, row.get("envelope")?))
    }
}

/// An application's id alone.
pub(crate) struct Id(pub(crate) ApplicationId);

impl FromRow for Id {
    const TABLE: &'static str = "applications";

    fn from_row(row: &Row) -> Result<Self, StoreError> {
        row.application_id("id").map(Self)
    }
}
