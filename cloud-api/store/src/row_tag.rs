//! What proves that an application's row, and each of its revisions, was written by this program and not into the database: a
//! tag over everything that a clerk, a machine or a paper goes by. It binds what the envelope's own seal cannot know:
//! anybody has the town's public key and can seal.

use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, digest};
use kiosk_api::{ApplicationId, TenantCode};
use sqlx::AssertSqlSafe;

use crate::application_row::{ApplicationRow, COLUMNS};
use crate::connection::Connection;
use crate::keys::{Parts, RealmKeys, Tag};
use crate::protection::ANSWERED;
use crate::query::query;
use crate::{NewApplication, Protection, StoreError};

/// What a token may stand for.
const ANSWERS: [Protection; 3] = [Protection::Clear, Protection::Found, Protection::Seen];

/// SHA-256 of a sealed envelope.
pub(crate) fn envelope_digest(envelope: &[u8]) -> Vec<u8> {
    digest(&SHA256, envelope).as_ref().to_vec()
}

/// The columns `protection` and `answer`. With a key nobody who reads the database learns what was answered.
pub(crate) fn protection_columns(
    keys: Option<&RealmKeys>,
    tenant: &TenantCode,
    id: ApplicationId,
    protection: Protection,
) -> (&'static str, Option<Vec<u8>>) {
    match keys {
        Some(keys) if ANSWERS.contains(&protection) => {
            let token = keys.token(tenant.as_str(), &id.to_string(), protection.as_str());
            (ANSWERED, Some(token))
        }
        _ => (protection.as_str(), None),
    }
}

/// What the columns say, if they say anything.
pub(crate) fn known_protection(
    keys: &RealmKeys,
    tenant: &TenantCode,
    id: ApplicationId,
    token: &[u8],
) -> Option<Protection> {
    let is = |one: &Protection| keys.token(tenant.as_str(), &id.to_string(), one.as_str()) == token;
    ANSWERS.into_iter().find(is)
}

/// The tag of an application that comes in.
pub(crate) fn tag_of_new(keys: &RealmKeys, one: &NewApplication, digest: &[u8]) -> Tag {
    keys.row_tag(&parts(&one.tenant, &ApplicationRow::of_new(one, digest)))
}

/// What the tag of a row covers.
fn parts(tenant: &TenantCode, row: &ApplicationRow) -> Parts {
    Parts::of("application 1")
        .text(tenant.as_str())
        .text(&row.id.to_string())
        .text(row.kiosk.as_str())
        .text(&row.reception)
        .text(&row.event)
        .text(&row.proof.as_of)
        .number(row.forms)
        .text(&row.card)
        .number(row.notes)
        .number(row.received_at.as_millisecond())
        .bytes(row.proof.digest.as_deref().unwrap_or_default())
        .text_if_any(row.due.as_deref())
        .text(&row.proof.counters)
        .text(row.status.as_str())
        .text_if_any(row.reason.as_deref())
        .number(row.revision)
        .text(row.protection.as_str())
}

/// The tag of a revision.
pub(crate) fn tag_of_revision(
    keys: &RealmKeys,
    tenant: &TenantCode,
    id: ApplicationId,
    revision: &RevisionRow,
) -> Tag {
    keys.row_tag(&revision_parts(tenant, id, revision))
}

fn revision_parts(tenant: &TenantCode, id: ApplicationId, revision: &RevisionRow) -> Parts {
    Parts::of("revision 1")
        .text(tenant.as_str())
        .text(&id.to_string())
        .number(revision.number)
        .text(&revision.staff)
        .number(revision.made_at)
        .bytes(&envelope_digest(&revision.envelope))
}

/// A revision as its row has it.
pub(crate) struct RevisionRow {
    pub(crate) number: i64,
    pub(crate) staff: String,
    pub(crate) made_at: i64,
    pub(crate) envelope: Vec<u8>,
    pub(crate) tag: Option<Vec<u8>>,
}

impl RevisionRow {
    /// Whether this program wrote it; without a key nothing is known against it.
    pub(crate) fn is_genuine(
        &self,
        keys: Option<&RealmKeys>,
        tenant: &TenantCode,
        id: ApplicationId,
    ) -> bool {
        let parts = || revision_parts(tenant, id, self);
        keys.is_none_or(|keys| keys.is_row_tag(&parts(), self.tag.as_deref()))
    }
}

impl ApplicationRow {
    /// Reads what is a token, and says whether the row is as this program wrote it.
    pub(crate) fn checked(mut self, keys: Option<&RealmKeys>, tenant: &TenantCode) -> Self {
        let Some(keys) = keys else {
            return self;
        };
        match (self.proof.answered, &self.proof.answer) {
            (true, Some(token)) => match known_protection(keys, tenant, self.id, token) {
                Some(protection) => self.protection = protection,
                None => self.altered = true,
            },
            (false, None) if !ANSWERS.contains(&self.protection) => {}
            _ => self.altered = true,
        }
        let tag = self.proof.tag.as_deref();
        self.altered |= !keys.is_row_tag(&parts(tenant, &self), tag);
        self
    }

    /// The same, once the envelope is at hand.
    pub(crate) fn with_envelope(mut self, keys: Option<&RealmKeys>, envelope: &[u8]) -> Self {
        let fits = self.proof.digest.as_deref() == Some(envelope_digest(envelope).as_slice());
        self.altered |= keys.is_some() && !fits;
        self
    }
}

/// A row as it is now, checked.
pub(crate) async fn read_row(
    connection: &mut Connection,
    tenant: &TenantCode,
    id: ApplicationId,
) -> Result<Option<ApplicationRow>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM applications WHERE tenant = $1 AND id = $2");
    let read = query(AssertSqlSafe(sql)).bind(tenant).bind(id);
    let row: Option<ApplicationRow> = connection.fetch_optional(read).await?;
    let keys = connection.keys.of(tenant);
    Ok(row.map(|row| row.checked(keys, tenant)))
}

/// Takes a row for a change: nobody else changes it before the transaction ends.
///
/// # Errors
/// [`StoreError::Altered`]: changing it would give it a tag that it must not have.
pub(crate) async fn take_row(
    connection: &mut Connection,
    tenant: &TenantCode,
    id: ApplicationId,
) -> Result<Option<ApplicationRow>, StoreError> {
    // A change of nothing locks the row on both databases.
    let sql = format!(
        "UPDATE applications SET notes = notes WHERE tenant = $1 AND id = $2 RETURNING {COLUMNS}"
    );
    let take = query(AssertSqlSafe(sql)).bind(tenant).bind(id);
    let row: Option<ApplicationRow> = connection.fetch_optional(take).await?;
    let Some(row) = row else {
        return Ok(None);
    };
    let row = row.checked(connection.keys.of(tenant), tenant);
    if row.altered {
        return Err(StoreError::Altered(id));
    }
    Ok(Some(row))
}

/// Writes a taken row back with what was changed in it, and its tag.
pub(crate) async fn keep_row(
    connection: &mut Connection,
    tenant: &TenantCode,
    row: &ApplicationRow,
) -> Result<(), StoreError> {
    let keys = Arc::clone(&connection.keys);
    let keys = keys.of(tenant);
    let tag = keys.map(|keys| keys.row_tag(&parts(tenant, row)));
    let (protection, answer) = protection_columns(keys, tenant, row.id, row.protection);
    let (by, until) = row.claim.clone().unzip();
    let update = query(
        "UPDATE applications SET state = $3, reason = $4, due = $5, counters = $6, revision = $7, claimed_by = $8, \
         claimed_until = $9, protection = $10, answer = $11, digest = $12, tag = $13 WHERE tenant = $1 AND id = $2",
    )
    .bind(tenant)
    .bind(row.id)
    .bind(row.status.as_str())
    .bind(row.reason.as_deref())
    .bind(row.due.as_deref())
    .bind(row.proof.counters.as_str())
    .bind(row.revision)
    .bind(by.as_deref())
    .bind(until)
    .bind(protection)
    .bind(answer.as_deref())
    .bind(row.proof.digest.as_deref())
    .bind(tag.as_ref().map(<[u8; 32]>::as_slice));
    connection.execute(update).await.map(drop)
}
