//! An application as a row. The envelope is kept as it came, sealed; columns beside it name no person.

use jiff::Timestamp;
use kiosk_api::{ApplicationId, KioskId, TenantCode};

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
}

/// Selects an [`ApplicationRow`]; `a` is the table.
pub(crate) const SELECT: &str = "SELECT a.id, a.kiosk, a.reception, a.event, a.forms, a.card, a.notes, a.state, a.reason, a.due, \
    a.claimed_by, a.claimed_until, a.revision, a.protection, a.received_at FROM applications a";

impl FromRow for ApplicationRow {
    const TABLE: &'static str = "applications";

    fn from_row(row: &Row) -> Result<Self, StoreError> {
        let claimed_by: Option<String> = row.get("claimed_by")?;
        Ok(Self {
            id: row.application_id("id")?,
            kiosk: row.parse("kiosk")?,
            reception: row.get("reception")?,
            event: row.get("event")?,
            forms: row.get("forms")?,
            card: row.get("card")?,
            notes: row.get("notes")?,
            status: row.word("state", ApplicationStatus::from_word)?,
            reason: row.get("reason")?,
            due: row.get("due")?,
            claim: claimed_by.zip(row.time_if_any("claimed_until")?),
            revision: row.get("revision")?,
            protection: row.word("protection", Protection::from_word)?,
            received_at: row.time("received_at")?,
        })
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
