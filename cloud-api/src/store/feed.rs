//! A town's applications in the order that they came, page by page, for other services.

use jiff::Timestamp;
use kiosk_api::{ApplicationId, TenantCode};
use sqlx::AssertSqlSafe;

use super::applications::{Columns, SELECT, row};
use super::{ApplicationRow, Store, StoreError, reading};

/// Where a page begins: after this application.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct After {
    /// When it came.
    pub received_at: Timestamp,
    /// Its id; several may come in one millisecond.
    pub id: ApplicationId,
}

impl Store {
    /// The next applications after one, the oldest first; of one state, if that is named.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn applications_after(
        &self,
        tenant: &TenantCode,
        after: Option<After>,
        state: Option<&str>,
        most: i64,
    ) -> Result<Vec<ApplicationRow>, StoreError> {
        let (at, id) = after.map_or((i64::MIN, String::new()), |after| {
            (after.received_at.as_millisecond(), after.id.to_string())
        });
        let list = format!(
            "{SELECT} WHERE a.tenant = $1 AND (a.received_at, a.id) > ($2, $3) \
             AND ($4 = '' OR a.state = $4) ORDER BY a.received_at, a.id LIMIT $5"
        );
        let rows: Vec<Columns> = reading!(self, tenant, on => sqlx::query_as(AssertSqlSafe(list))
            .bind(tenant.as_str())
            .bind(at)
            .bind(id.as_str())
            .bind(state.unwrap_or_default())
            .bind(most)
            .fetch_all(&mut *on)
            .await?);
        rows.into_iter().map(row).collect()
    }
}
