//! Storing applications and finding them again.

use kiosk_api::{ApplicationId, TenantCode};
use sqlx::AssertSqlSafe;

use crate::application_row::{Id, SELECT};
use crate::query::query;
use crate::row::{FromRow, Row};
use crate::{ApplicationRow, Inserted, NewApplication, Store, StoreError};

/// The newest sealed envelope of an application.
struct Envelope(ApplicationId, Vec<u8>);

impl FromRow for Envelope {
    const TABLE: &'static str = "applications";

    fn from_row(row: &Row) -> Result<Self, StoreError> {
        Ok(Self(row.application_id("id")?, row.get("envelope")?))
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
        self.fetch_all(tenant, query).await
    }

    /// One application with its sealed envelope.
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
        let row = connection.fetch_optional(found).await?;
        // What came is never changed, so that the second statement meets the same envelope.
        let came = query("SELECT envelope FROM applications WHERE tenant = $1 AND id = $2")
            .bind(tenant)
            .bind(id);
        let envelope = connection.fetch_value(came).await?;
        connection.commit().await?;
        Ok(row.zip(envelope))
    }

    /// Of each of these applications the newest revision's sealed envelope, for a whole list in one question.
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
            "SELECT a.id, coalesce(r.envelope, a.envelope) AS envelope FROM applications a LEFT JOIN application_revisions r \
             ON r.tenant = a.tenant AND r.application = a.id AND r.revision = a.revision \
             WHERE a.tenant = $1 AND a.id IN ({})",
            numbers.join(", ")
        );
        let newest = query(AssertSqlSafe(newest)).bind(tenant);
        let newest = ids.iter().fold(newest, |newest, id| newest.bind(*id));
        let rows: Vec<Envelope> = self.fetch_all(tenant, newest).await?;
        Ok(rows
            .into_iter()
            .map(|Envelope(id, envelope)| (id, envelope))
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
}
