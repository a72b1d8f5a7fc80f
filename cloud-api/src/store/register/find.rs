//! Finding rows of the register in use.

use kiosk_api::TenantCode;

use crate::core_system::Digest;
use crate::store::{Store, StoreError, reading};

/// A sealed resident.
pub struct RegisterRow {
    /// Of the 宛名番号; what the row is sealed to.
    pub resident: Vec<u8>,
    /// Place in the register's order.
    pub place: i64,
    /// The resident.
    pub sealed: Vec<u8>,
}

/// Rows of a question.
pub struct RegisterRows {
    /// Names the key that they are sealed with; `None` when nothing was ever imported.
    pub key_id: Option<String>,
    /// In the register's order.
    pub rows: Vec<RegisterRow>,
    /// Whether rows are missing that may be theirs.
    pub holes: bool,
}

type Rows = Vec<(Vec<u8>, i64, Vec<u8>)>;

fn rows(rows: Rows) -> Vec<RegisterRow> {
    let row = |(resident, place, sealed)| RegisterRow {
        resident,
        place,
        sealed,
    };
    rows.into_iter().map(row).collect()
}

/// The rows of the register in use.
const IN_USE: &str = "FROM core_residents r JOIN core_registers g ON g.tenant = r.tenant AND g.current = r.generation \
                      WHERE r.tenant = $1";
const KEY: &str = "SELECT key_id FROM core_registers WHERE tenant = $1 AND current > 0";

impl Store {
    /// Residents who may have these four items, by their digest.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn register_by_items(
        &self,
        tenant: &TenantCode,
        items: &Digest,
    ) -> Result<RegisterRows, StoreError> {
        let query = format!(
            "SELECT r.resident, r.place, r.sealed {IN_USE} AND (r.by_address = $2 OR r.by_building = $2) ORDER BY r.place, r.resident"
        );
        let (key, found): (Option<(String,)>, Rows) = reading!(self, tenant, on => {
            let key = sqlx::query_as(KEY).bind(tenant.as_str()).fetch_optional(&mut *on).await?;
            let found = sqlx::query_as(sqlx::AssertSqlSafe(query))
                .bind(tenant.as_str())
                .bind(items.as_slice())
                .fetch_all(&mut *on)
                .await?;
            (key, found)
        });
        Ok(RegisterRows {
            key_id: key.map(|(id,)| id),
            rows: rows(found),
            holes: false,
        })
    }

    /// Residents of a name, by its digest. A register that an older program imported has no such digests: it is all hole.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn register_by_name(
        &self,
        tenant: &TenantCode,
        name: &Digest,
    ) -> Result<RegisterRows, StoreError> {
        let query = format!(
            "SELECT r.resident, r.place, r.sealed {IN_USE} AND r.by_name = $2 ORDER BY r.place, r.resident"
        );
        let holes = format!("SELECT r.place {IN_USE} AND r.by_name IS NULL LIMIT 1");
        let (key, found, holes): (Option<(String,)>, Rows, Option<(i64,)>) = reading!(self, tenant, on => {
            let key = sqlx::query_as(KEY).bind(tenant.as_str()).fetch_optional(&mut *on).await?;
            let found = sqlx::query_as(sqlx::AssertSqlSafe(query))
                .bind(tenant.as_str())
                .bind(name.as_slice())
                .fetch_all(&mut *on)
                .await?;
            let holes = sqlx::query_as(sqlx::AssertSqlSafe(holes))
                .bind(tenant.as_str())
                .fetch_optional(&mut *on)
                .await?;
            (key, found, holes)
        });
        Ok(RegisterRows {
            key_id: key.map(|(id,)| id),
            rows: rows(found),
            holes: holes.is_some(),
        })
    }

    /// A household's residents, by the digest of its number.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn register_household(
        &self,
        tenant: &TenantCode,
        household: &Digest,
    ) -> Result<RegisterRows, StoreError> {
        let query = format!(
            "SELECT r.resident, r.place, r.sealed {IN_USE} AND r.household = $2 ORDER BY r.place, r.resident"
        );
        // A left-out row counts by the household that it named and by the one where the resident stood before.
        let holes = "SELECT count(*) FROM core_holes h JOIN core_registers g ON g.tenant = h.tenant AND g.current = h.generation \
                     WHERE h.tenant = $1 AND (h.household = $2 OR h.resident IN \
                     (SELECT r.resident FROM core_residents r WHERE r.tenant = $1 AND r.generation = g.current AND r.household = $2))";
        let (key, found, (holes,)): (Option<(String,)>, Rows, (i64,)) = reading!(self, tenant, on => {
            let key = sqlx::query_as(KEY).bind(tenant.as_str()).fetch_optional(&mut *on).await?;
            let found = sqlx::query_as(sqlx::AssertSqlSafe(query))
                .bind(tenant.as_str())
                .bind(household.as_slice())
                .fetch_all(&mut *on)
                .await?;
            let holes = sqlx::query_as(holes)
                .bind(tenant.as_str())
                .bind(household.as_slice())
                .fetch_one(&mut *on)
                .await?;
            (key, found, holes)
        });
        Ok(RegisterRows {
            key_id: key.map(|(id,)| id),
            rows: rows(found),
            holes: holes > 0,
        })
    }

    /// A page of the register in its order, after a place.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn register_page(
        &self,
        tenant: &TenantCode,
        after: i64,
        most: i64,
    ) -> Result<Vec<RegisterRow>, StoreError> {
        let query = format!(
            "SELECT r.resident, r.place, r.sealed {IN_USE} AND r.place > $2 ORDER BY r.place LIMIT $3"
        );
        let found: Rows = reading!(self, tenant, on => sqlx::query_as(sqlx::AssertSqlSafe(query))
            .bind(tenant.as_str())
            .bind(after)
            .bind(most)
            .fetch_all(&mut *on)
            .await?);
        Ok(rows(found))
    }
}
