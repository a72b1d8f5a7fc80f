//! The sealed names of applications' people, read through by whoever searches with the town's key.

use kiosk_api::{ApplicationId, TenantCode};
use sqlx::AssertSqlSafe;

use crate::application_row::SELECT;
use crate::query::query;
use crate::row::{FromRow, Row};
use crate::{ApplicationCursor, ApplicationRow, Store, StoreError};

/// The sealed names of one application.
pub struct SealedNames {
    /// Which, and when it came.
    pub cursor: ApplicationCursor,
    /// The names.
    pub names: Vec<u8>,
}

impl FromRow for SealedNames {
    const TABLE: &'static str = "application_people";

    fn from_row(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            cursor: ApplicationCursor {
                received_at: row.time("received_at")?,
                id: row.application_id("application")?,
            },
            names: row.get("names")?,
        })
    }
}

impl Store {
    /// The sealed names of a town's applications, the newest first: those that came before one, or all.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn sealed_names(
        &self,
        tenant: &TenantCode,
        before: Option<ApplicationCursor>,
        limit: i64,
    ) -> Result<Vec<SealedNames>, StoreError> {
        let (at, id) = before.map_or((i64::MAX, String::new()), |before| {
            (before.received_at.as_millisecond(), before.id.to_string())
        });
        let query = query(
            "SELECT received_at, application, names FROM application_people WHERE tenant = $1 \
             AND (received_at, application) < ($2, $3) ORDER BY received_at DESC, application DESC LIMIT $4",
        )
        .bind(tenant)
        .bind(at)
        .bind(id.as_str())
        .bind(limit);
        self.fetch_all(tenant, query).await
    }

    /// These applications as a list shows them, the newest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn applications_of(
        &self,
        tenant: &TenantCode,
        ids: &[ApplicationId],
    ) -> Result<Vec<ApplicationRow>, StoreError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let numbers: Vec<String> = (2..).take(ids.len()).map(|n| format!("${n}")).collect();
        let sql = format!(
            "{SELECT} WHERE a.tenant = $1 AND a.id IN ({}) ORDER BY a.received_at DESC, a.id DESC",
            numbers.join(", ")
        );
        let query = query(AssertSqlSafe(sql)).bind(tenant);
        let query = ids.iter().fold(query, |query, id| query.bind(*id));
        let rows = self.fetch_all(tenant, query).await?;
        Ok(self.checked(tenant, rows))
    }
}
