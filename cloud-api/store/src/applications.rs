//! Storing applications and finding them again.

use kiosk_api::{ApplicationId, TenantCode};
use sqlx::AssertSqlSafe;

use crate::application_row::{Id, SELECT};
use crate::query::query;
use crate::row::{FromRow, Row};
use crate::row_tag::{RevisionRow, read_row};
use crate::{ApplicationRow, Inserted, NewApplication, RealmKeys, Store, StoreError};

/// An application with its newest sealed envelope.
struct Newest {
    row: ApplicationRow,
    envelope: Vec<u8>,
    revision: Option<RevisionRow>,
}

impl FromRow for Newest {
    const TABLE: &'static str = "applications";

    fn from_row(row: &Row) -> Result<Self, StoreError> {
        let number: Option<i64> = row.get("number")?;
        let revision = |number| {
            Ok::<_, StoreError>(RevisionRow {
                number,
                staff: row.get("staff")?,
                made_at: row.get("made_at")?,
                envelope: row.get("revised")?,
                tag: row.get("revision_tag")?,
            })
        };
        Ok(Self {
            row: ApplicationRow::from_row(row)?,
            envelope: row.get("envelope")?,
            revision: number.map(revision).transpose()?,
        })
    }
}

impl Newest {
    /// The envelope to be opened, if the row, its envelope and its revision are as this program wrote them.
    fn genuine(
        self,
        keys: Option<&RealmKeys>,
        tenant: &TenantCode,
    ) -> Option<(ApplicationId, Vec<u8>)> {
        let row = self.row.checked(keys, tenant);
        let row = row.with_envelope(keys, &self.envelope);
        let revised = match self.revision {
            Some(revision) if !revision.is_genuine(keys, tenant, row.id) => return None,
            Some(revision) => Some(revision.envelope),
            None if row.revision > 0 => return None,
            None => None,
        };
        (!row.altered).then_some((row.id, revised.unwrap_or(self.envelope)))
    }
}

impl Store {
    /// Stores an application once; durable when this returns.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn insert_application(
        &self,
        application: NewApplication,
    ) -> Result<Inserted, StoreError> {
        self.writer.insert(application).await
    }

    /// The newest applications first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn list_applications(
        &self,
        tenant: &TenantCode,
        limit: i64,
    ) -> Result<Vec<ApplicationRow>, StoreError> {
        let sql =
            format!("{SELECT} WHERE a.tenant = $1 ORDER BY a.received_at DESC, a.id DESC LIMIT $2");
        let query = query(AssertSqlSafe(sql)).bind(tenant).bind(limit);
        let rows = self.fetch_all(tenant, query).await?;
        Ok(self.checked(tenant, rows))
    }

    /// One application with its sealed envelope; `altered` says whether row or envelope are another's work.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn application(
        &self,
        tenant: &TenantCode,
        id: ApplicationId,
    ) -> Result<Option<(ApplicationRow, Vec<u8>)>, StoreError> {
        let mut connection = self.read(tenant).await?;
        let sql = format!("{SELECT} WHERE a.tenant = $1 AND a.id = $2");
        let found = query(AssertSqlSafe(sql)).bind(tenant).bind(id);
        let row: Option<ApplicationRow> = connection.fetch_optional(found).await?;
        // What came is never changed, so that the second statement meets the same envelope.
        let came = query("SELECT envelope FROM applications WHERE tenant = $1 AND id = $2")
            .bind(tenant)
            .bind(id);
        let envelope: Option<Vec<u8>> = connection.fetch_value(came).await?;
        connection.commit().await?;
        let keys = self.keys.of(tenant);
        Ok(row.zip(envelope).map(|(row, envelope)| {
            let row = row.checked(keys, tenant);
            (row.with_envelope(keys, &envelope), envelope)
        }))
    }

    /// Of each of these applications the newest revision's sealed envelope, for a whole list in one question. What is not as
    /// this program wrote it is left out.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn newest_envelopes(
        &self,
        tenant: &TenantCode,
        ids: &[ApplicationId],
    ) -> Result<Vec<(ApplicationId, Vec<u8>)>, StoreError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let numbers: Vec<String> = (2..).take(ids.len()).map(|n| format!("${n}")).collect();
        let newest = format!(
            "{} LEFT JOIN application_revisions r \
             ON r.tenant = a.tenant AND r.application = a.id AND r.revision = a.revision \
             WHERE a.tenant = $1 AND a.id IN ({})",
            SELECT.replace(
                " FROM ",
                ", a.envelope, r.revision AS number, r.staff, r.made_at, r.envelope AS revised, \
                r.tag AS revision_tag FROM "
            ),
            numbers.join(", ")
        );
        let newest = query(AssertSqlSafe(newest)).bind(tenant);
        let newest = ids.iter().fold(newest, |newest, id| newest.bind(*id));
        let rows: Vec<Newest> = self.fetch_all(tenant, newest).await?;
        let keys = self.keys.of(tenant);
        Ok(rows
            .into_iter()
            .filter_map(|newest| newest.genuine(keys, tenant))
            .collect())
    }

    /// The application with this reception number; the newest, should a kiosk have given a number twice.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn application_by_reception(
        &self,
        tenant: &TenantCode,
        reception: &str,
    ) -> Result<Option<ApplicationId>, StoreError> {
        let query = query(
            "SELECT id FROM applications WHERE tenant = $1 AND reception = $2 ORDER BY received_at DESC, id DESC LIMIT 1",
        )
        .bind(tenant)
        .bind(reception);
        let found: Option<Id> = self.fetch_optional(tenant, query).await?;
        Ok(found.map(|Id(id)| id))
    }

    /// How many applications a town has.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn count_applications(&self, tenant: &TenantCode) -> Result<i64, StoreError> {
        let query = query("SELECT count(*) FROM applications WHERE tenant = $1").bind(tenant);
        self.fetch_one(tenant, query).await
    }

    /// One application as a list shows it.
    pub(crate) async fn application_row(
        &self,
        tenant: &TenantCode,
        id: ApplicationId,
    ) -> Result<Option<ApplicationRow>, StoreError> {
        let mut connection = self.read(tenant).await?;
        let row = read_row(&mut connection, tenant, id).await?;
        connection.commit().await?;
        Ok(row)
    }

    /// Rows as they were read, each checked.
    pub(crate) fn checked(
        &self,
        tenant: &TenantCode,
        rows: Vec<ApplicationRow>,
    ) -> Vec<ApplicationRow> {
        let keys = self.keys.of(tenant);
        rows.into_iter()
            .map(|row| row.checked(keys, tenant))
            .collect()
    }
}
