//! A town's applications in the order that they came, page by page, for other services.

use jiff::Timestamp;
use kiosk_api::{ApplicationId, TenantCode};
use sqlx::AssertSqlSafe;

use crate::application_row::SELECT;
use crate::query::query;
use crate::{ApplicationRow, Store, StoreError};

/// Where a page begins: after this application.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ApplicationCursor {
    /// When it came.
    pub received_at: Timestamp,
    /// Its id; several may come in one millisecond.
    pub id: ApplicationId,
}

impl Store {
    /// The next applications after one, the oldest first; of one status, if that is named.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn applications_after(
        &self,
        tenant: &TenantCode,
        after: Option<ApplicationCursor>,
        status: Option<&str>,
        limit: i64,
    ) -> Result<Vec<ApplicationRow>, StoreError> {
        let (at, id) = after.map_or((i64::MIN, String::new()), |after| {
            (after.received_at.as_millisecond(), after.id.to_string())
        });
        let sql = format!(
            "{SELECT} WHERE a.tenant = $1 AND (a.received_at, a.id) > ($2, $3) \
             AND ($4 = '' OR a.state = $4) ORDER BY a.received_at, a.id LIMIT $5"
        );
        let query = query(AssertSqlSafe(sql))
            .bind(tenant)
            .bind(at)
            .bind(id)
            .bind(status.unwrap_or_default())
            .bind(limit);
        let rows = self.fetch_all(tenant, query).await?;
        Ok(self.checked(tenant, rows))
    }
}
