//! Finding rows of the register in use.

use kiosk_api::TenantCode;
use sqlx::AssertSqlSafe;

use super::Digest;
use crate::connection::Connection;
use crate::query::{Query, query};
use crate::row::{FromRow, Row};
use crate::{Store, StoreError};

/// A sealed resident.
pub struct RegisterRow {
    /// Of the 宛名番号; what the row is sealed to.
    pub resident: Vec<u8>,
    /// What else it is found by: household, the four items without and with the building, and the name, which a register that an
    /// older program imported does not have. Whoever opens the row compares.
    pub found_by: [Option<Vec<u8>>; 4],
    /// Number in the register's order.
    pub place: i64,
    /// The resident.
    pub sealed: Vec<u8>,
}

impl FromRow for RegisterRow {
    const TABLE: &'static str = "core_residents";

    fn from_row(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            resident: row.get("resident")?,
            found_by: [
                row.get("household")?,
                row.get("by_address")?,
                row.get("by_building")?,
                row.get("by_name")?,
            ],
            place: row.get("place")?,
            sealed: row.get("sealed")?,
        })
    }
}

/// The answer to one question.
pub struct RegisterRows {
    /// Names the key that they are sealed with; `None` when nothing was ever imported.
    pub key_id: Option<String>,
    /// In the register's order.
    pub rows: Vec<RegisterRow>,
    /// Whether rows were left out of the import that may be theirs.
    pub incomplete: bool,
}

const COLUMNS: &str =
    "r.resident, r.household, r.by_address, r.by_building, r.by_name, r.place, r.sealed";

/// The rows of the register in use.
const IN_USE: &str = "FROM core_residents r JOIN core_registers g ON g.tenant = r.tenant AND g.current = r.generation \
                      WHERE r.tenant = $1";
/// Left-out rows of a household: those that named it, and those of residents who were in it before.
const OMITTED: &str = "SELECT count(*) FROM core_holes h JOIN core_registers g ON g.tenant = h.tenant AND g.current = h.generation \
                       WHERE h.tenant = $1 AND (h.household = $2 OR h.resident IN \
                       (SELECT r.resident FROM core_residents r WHERE r.tenant = $1 AND r.generation = g.current AND r.household = $2))";

/// Rows of the register in use that meet a condition on `$2`.
fn rows_where(condition: &str, tenant: &TenantCode, digest: &Digest) -> Query {
    let sql = format!("SELECT {COLUMNS} {IN_USE} AND {condition} ORDER BY r.place, r.resident");
    query(AssertSqlSafe(sql)).bind(tenant).bind(digest)
}

async fn key_id(
    connection: &mut Connection,
    tenant: &TenantCode,
) -> Result<Option<String>, StoreError> {
    let key = query("SELECT key_id FROM core_registers WHERE tenant = $1 AND current > 0");
    connection.fetch_value(key.bind(tenant)).await
}

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
        let mut connection = self.read(tenant).await?;
        let found = rows_where("(r.by_address = $2 OR r.by_building = $2)", tenant, items);
        let answer = RegisterRows {
            key_id: key_id(&mut connection, tenant).await?,
            rows: connection.fetch_all(found).await?,
            incomplete: false,
        };
        connection.commit().await?;
        Ok(answer)
    }

    /// Residents of a name, by its digest. A register that an older program imported has no such digests: of it nothing is
    /// complete.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn register_by_name(
        &self,
        tenant: &TenantCode,
        name: &Digest,
    ) -> Result<RegisterRows, StoreError> {
        let mut connection = self.read(tenant).await?;
        let found = rows_where("r.by_name = $2", tenant, name);
        let nameless = format!("SELECT r.place {IN_USE} AND r.by_name IS NULL LIMIT 1");
        let nameless = query(AssertSqlSafe(nameless)).bind(tenant);
        let answer = RegisterRows {
            key_id: key_id(&mut connection, tenant).await?,
            rows: connection.fetch_all(found).await?,
            incomplete: connection.fetch_value::<i64>(nameless).await?.is_some(),
        };
        connection.commit().await?;
        Ok(answer)
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
        let mut connection = self.read(tenant).await?;
        let found = rows_where("r.household = $2", tenant, household);
        let omitted = query(OMITTED).bind(tenant).bind(household);
        let answer = RegisterRows {
            key_id: key_id(&mut connection, tenant).await?,
            rows: connection.fetch_all(found).await?,
            incomplete: connection.fetch_one::<i64>(omitted).await? > 0,
        };
        connection.commit().await?;
        Ok(answer)
    }

    /// A page of the register in its order, after a row's number.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn register_page(
        &self,
        tenant: &TenantCode,
        after: i64,
        limit: i64,
    ) -> Result<Vec<RegisterRow>, StoreError> {
        let sql = format!("SELECT {COLUMNS} {IN_USE} AND r.place > $2 ORDER BY r.place LIMIT $3");
        let query = query(AssertSqlSafe(sql))
            .bind(tenant)
            .bind(after)
            .bind(limit);
        self.fetch_all(tenant, query).await
    }
}
