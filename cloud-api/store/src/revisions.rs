//! Corrections of applications, revision by revision, and the indexes that follow them.

use jiff::Timestamp;
use kiosk_api::{ApplicationId, TenantCode};

use crate::audit::{self, AuditRecord};
use crate::connection::Connection;
use crate::index::insert_names;
use crate::query::query;
use crate::row::{FromRow, Row};
use crate::{Index, Store, StoreError};

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

/// When a corrected application came.
struct ReceivedAt(Timestamp);

impl FromRow for ReceivedAt {
    const TABLE: &'static str = "applications";

    fn from_row(row: &Row) -> Result<Self, StoreError> {
        row.time("received_at").map(Self)
    }
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
        let received = advance(&mut connection, tenant, id, revision).await?;
        if let Some(ReceivedAt(received_at)) = received {
            let insert = query(
                "INSERT INTO application_revisions (tenant, application, revision, staff, made_at, envelope) \
                 VALUES ($1, $2, $3, $4, $5, $6)",
            )
            .bind(tenant)
            .bind(id)
            .bind(revision.before + 1)
            .bind(revision.staff)
            .bind(revision.now)
            .bind(revision.envelope);
            connection.execute(insert).await?;
            // The old spelling stays findable: somebody may still ask for it.
            let names = revision.index.names_of(id, received_at);
            insert_names(&mut connection, tenant, &names).await?;
            audit::append(&mut connection, tenant, record).await?;
        }
        connection.commit().await?;
        Ok(received.is_some())
    }

    /// The newest revision's sealed envelope, if it was ever corrected.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn revision(
        &self,
        tenant: &TenantCode,
        id: ApplicationId,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        let query = query(
            "SELECT envelope FROM application_revisions WHERE tenant = $1 AND application = $2 ORDER BY revision DESC LIMIT 1",
        )
        .bind(tenant)
        .bind(id);
        self.fetch_value(tenant, query).await
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
            "SELECT id, received_at, envelope FROM applications WHERE tenant = $1 AND indexed = 0 LIMIT $2",
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
        let update = query(
            "UPDATE applications SET due = $1, counters = $2, indexed = 1 WHERE tenant = $3 AND id = $4",
        )
        .bind(index.due.as_deref())
        .bind(index.counters_column())
        .bind(tenant)
        .bind(id);
        let mut connection = self.write(tenant).await?;
        connection.execute(update).await?;
        let names = index.names_of(id, received_at);
        insert_names(&mut connection, tenant, &names).await?;
        connection.commit().await
    }
}

/// Counts a revision and renews the index, if the clerk has the claim and nobody was faster. Changed names let the core system
/// be asked again.
async fn advance(
    connection: &mut Connection,
    tenant: &TenantCode,
    id: ApplicationId,
    revision: &Revision<'_>,
) -> Result<Option<ReceivedAt>, StoreError> {
    let update = query(
        "UPDATE applications SET revision = revision + 1, due = $1, counters = $2, \
         lookup_due = CASE WHEN CAST($8 AS BIGINT) = 1 THEN 0 ELSE lookup_due END, \
         protection = CASE WHEN CAST($8 AS BIGINT) = 1 AND protection IN ('clear', 'unasked') THEN 'waiting' ELSE protection END \
         WHERE tenant = $3 AND id = $4 \
         AND revision = $5 AND claimed_by = $6 AND claimed_until > $7 AND state <> 'done' RETURNING received_at",
    )
    .bind(revision.index.due.as_deref())
    .bind(revision.index.counters_column())
    .bind(tenant)
    .bind(id)
    .bind(revision.before)
    .bind(revision.staff)
    .bind(revision.now)
    .bind(i64::from(revision.names_changed));
    connection.fetch_optional(update).await
}
