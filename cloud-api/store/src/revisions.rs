//! Corrections of applications, revision by revision, and the indexes that follow them.

use jiff::Timestamp;
use kiosk_api::{ApplicationId, TenantCode};

use crate::audit::{self, AuditRecord};
use crate::connection::Connection;
use crate::index::keep_names;
use crate::query::query;
use crate::row::{FromRow, Row};
use crate::row_tag::{RevisionRow, keep_row, tag_of_revision, take_row};
use crate::{ApplicationRow, ApplicationStatus, Index, Protection, Store, StoreError};

/// A correction: all of it is kept, or nothing.
pub struct Revision<'a> {
    /// The clerk whose claim it must be.
    pub staff: &'a str,
    /// How often it was corrected before; if that is another number by now, nothing is kept.
    pub before: i64,
    /// The whole application, sealed.
    pub envelope: &'a [u8],
    /// What it is found by now.
    pub index: &'a Index,
    /// Whether it names somebody about whom the core system was not asked.
    pub names_changed: bool,
    /// Now.
    pub now: Timestamp,
}

/// An application of an older schema.
struct NotIndexed {
    id: ApplicationId,
    received_at: Timestamp,
    envelope: Vec<u8>,
}

impl FromRow for NotIndexed {
    const TABLE: &'static str = "applications";

    fn from_row(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.application_id("id")?,
            received_at: row.time("received_at")?,
            envelope: row.get("envelope")?,
        })
    }
}

impl FromRow for RevisionRow {
    const TABLE: &'static str = "application_revisions";

    fn from_row(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            number: row.get("revision")?,
            staff: row.get("staff")?,
            made_at: row.get("made_at")?,
            envelope: row.get("envelope")?,
            tag: row.get("tag")?,
        })
    }
}

/// A correction, and whose.
pub(crate) struct Corrected(pub(crate) ApplicationId, pub(crate) RevisionRow);

impl FromRow for Corrected {
    const TABLE: &'static str = "application_revisions";

    fn from_row(row: &Row) -> Result<Self, StoreError> {
        Ok(Self(
            row.application_id("application")?,
            RevisionRow::from_row(row)?,
        ))
    }
}

impl Store {
    /// Keeps a correction as the next revision, with what it is found by; `false` if somebody else corrected meanwhile or
    /// the clerk's claim has ended.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn revise(
        &self,
        tenant: &TenantCode,
        id: ApplicationId,
        revision: &Revision<'_>,
        record: &AuditRecord,
    ) -> Result<bool, StoreError> {
        let mut connection = self.write(tenant).await?;
        let taken = take_row(&mut connection, tenant, id).await?;
        let revised = taken.and_then(|row| advanced(row, revision));
        if let Some(row) = &revised {
            keep_row(&mut connection, tenant, row).await?;
            if revision.names_changed {
                ask_now(&mut connection, tenant, id).await?;
            }
            insert_revision(&mut connection, tenant, row, revision).await?;
            let names = (id, row.received_at, revision.index.names.as_slice());
            keep_names(&mut connection, tenant, &[names]).await?;
            audit::append(&mut connection, tenant, record).await?;
        }
        connection.commit().await?;
        Ok(revised.is_some())
    }

    /// A row's newest revision, sealed, if it was ever corrected.
    ///
    /// # Errors
    /// [`StoreError::Altered`] when it is not there, or not as this program wrote it.
    pub async fn revision(
        &self,
        tenant: &TenantCode,
        row: &ApplicationRow,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        if row.revision == 0 {
            return Ok(None);
        }
        let query = query(
            "SELECT revision, staff, made_at, envelope, tag FROM application_revisions \
             WHERE tenant = $1 AND application = $2 AND revision = $3",
        )
        .bind(tenant)
        .bind(row.id)
        .bind(row.revision);
        let found: Option<RevisionRow> = self.fetch_optional(tenant, query).await?;
        let keys = self.keys.of(tenant);
        let genuine = found.filter(|one| one.is_genuine(keys, tenant, row.id));
        genuine
            .map(|one| Some(one.envelope))
            .ok_or(StoreError::Altered(row.id))
    }

    /// Applications of an older schema, which have no index yet, with the time they came and their envelopes.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn not_indexed(
        &self,
        tenant: &TenantCode,
        limit: i64,
    ) -> Result<Vec<(ApplicationId, Timestamp, Vec<u8>)>, StoreError> {
        let query = query(
            "SELECT id, received_at, envelope FROM applications a WHERE tenant = $1 AND NOT EXISTS \
             (SELECT 1 FROM application_people p WHERE p.tenant = a.tenant AND p.received_at = a.received_at \
             AND p.application = a.id) LIMIT $2",
        )
        .bind(tenant)
        .bind(limit);
        let rows: Vec<NotIndexed> = self.fetch_all(tenant, query).await?;
        Ok(rows
            .into_iter()
            .map(|row| (row.id, row.received_at, row.envelope))
            .collect())
    }

    /// Gives an application of an older schema its index.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn keep_index(
        &self,
        tenant: &TenantCode,
        id: ApplicationId,
        received_at: Timestamp,
        index: &Index,
    ) -> Result<(), StoreError> {
        let mut connection = self.write(tenant).await?;
        match take_row(&mut connection, tenant, id).await {
            Ok(Some(mut row)) => {
                row.due.clone_from(&index.due);
                row.proof.counters = index.counters_column();
                keep_row(&mut connection, tenant, &row).await?;
            }
            // What somebody else wrote is not made findable.
            Ok(None) | Err(StoreError::Altered(_)) => {}
            Err(error) => return Err(error),
        }
        let indexed = query("UPDATE applications SET indexed = 1 WHERE tenant = $1 AND id = $2")
            .bind(tenant)
            .bind(id);
        connection.execute(indexed).await?;
        let names = (id, received_at, index.names.as_slice());
        keep_names(&mut connection, tenant, &[names]).await?;
        connection.commit().await
    }
}

/// The row after a correction, if the clerk has the claim and nobody was faster. Changed names let the core system be asked
/// again.
fn advanced(mut row: ApplicationRow, revision: &Revision<'_>) -> Option<ApplicationRow> {
    let claim = row.claim.as_ref();
    let own = claim.is_some_and(|(by, until)| by == revision.staff && *until > revision.now);
    if !own || row.revision != revision.before || row.status == ApplicationStatus::Done {
        return None;
    }
    row.revision += 1;
    row.due.clone_from(&revision.index.due);
    row.proof.counters = revision.index.counters_column();
    let answered = matches!(row.protection, Protection::Clear | Protection::Unasked);
    if revision.names_changed && answered {
        row.protection = Protection::Waiting;
    }
    Some(row)
}

async fn ask_now(
    connection: &mut Connection,
    tenant: &TenantCode,
    id: ApplicationId,
) -> Result<(), StoreError> {
    let due = query("UPDATE applications SET lookup_due = 0 WHERE tenant = $1 AND id = $2")
        .bind(tenant)
        .bind(id);
    connection.execute(due).await.map(drop)
}

async fn insert_revision(
    connection: &mut Connection,
    tenant: &TenantCode,
    row: &ApplicationRow,
    revision: &Revision<'_>,
) -> Result<(), StoreError> {
    let made = RevisionRow {
        number: row.revision,
        staff: revision.staff.to_owned(),
        made_at: revision.now.as_millisecond(),
        envelope: revision.envelope.to_vec(),
        tag: None,
    };
    let keys = connection.keys.of(tenant);
    let tag = keys.map(|keys| tag_of_revision(keys, tenant, row.id, &made));
    let insert = query(
        "INSERT INTO application_revisions (tenant, application, revision, staff, made_at, envelope, tag) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(tenant)
    .bind(row.id)
    .bind(made.number)
    .bind(made.staff)
    .bind(made.made_at)
    .bind(made.envelope.as_slice())
    .bind(tag.as_ref().map(<[u8; 32]>::as_slice));
    connection.execute(insert).await.map(drop)
}
