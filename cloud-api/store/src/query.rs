//! A statement with its values, for either database.

use jiff::Timestamp;
use kiosk_api::{ApplicationId, KioskId, TenantCode};
use sqlx::{Database, Encode, IntoArguments, SqlSafeStr, SqlStr, Type};

use crate::realm::Realm;

/// A value of one of the three column types that the schema uses (BIGINT, TEXT, BYTEA); `None` is NULL.
#[derive(Clone)]
pub(crate) enum Value {
    Integer(Option<i64>),
    Text(Option<String>),
    Bytes(Option<Vec<u8>>),
}

/// A statement whose values are bound in the order of `$1`, `$2`, ….
pub(crate) struct Query {
    sql: SqlStr,
    values: Vec<Value>,
}

/// Begins a statement. SQL that is put together at run time must be wrapped in [`sqlx::AssertSqlSafe`].
pub(crate) fn query(sql: impl SqlSafeStr) -> Query {
    Query {
        sql: sql.into_sql_str(),
        values: Vec::new(),
    }
}

impl Query {
    pub(crate) fn bind(mut self, value: impl Into<Value>) -> Self {
        self.values.push(value.into());
        self
    }

    /// As the driver of one database takes it.
    pub(crate) fn bound<DB>(self) -> sqlx::query::Query<'static, DB, <DB as Database>::Arguments>
    where
        DB: Database,
        Option<i64>: Encode<'static, DB> + Type<DB>,
        Option<String>: Encode<'static, DB> + Type<DB>,
        Option<Vec<u8>>: Encode<'static, DB> + Type<DB>,
        <DB as Database>::Arguments: IntoArguments<DB>,
    {
        let query = sqlx::query(self.sql);
        self.values
            .into_iter()
            .fold(query, |query, value| match value {
                Value::Integer(value) => query.bind(value),
                Value::Text(value) => query.bind(value),
                Value::Bytes(value) => query.bind(value),
            })
    }
}

/// Placeholders of so many rows: `($1, $2), ($3, $4)`.
pub(crate) fn placeholders(rows: usize, columns: usize) -> String {
    let row = |row: usize| {
        let row = (1..=columns).map(|column| format!("${}", row * columns + column));
        format!("({})", row.collect::<Vec<_>>().join(", "))
    };
    (0..rows).map(row).collect::<Vec<_>>().join(", ")
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Integer(Some(value))
    }
}

impl From<Option<i64>> for Value {
    fn from(value: Option<i64>) -> Self {
        Self::Integer(value)
    }
}

/// Milliseconds since 1970 (UTC), as every time column has them.
impl From<Timestamp> for Value {
    fn from(value: Timestamp) -> Self {
        Self::Integer(Some(value.as_millisecond()))
    }
}

impl From<Option<Timestamp>> for Value {
    fn from(value: Option<Timestamp>) -> Self {
        Self::Integer(value.map(Timestamp::as_millisecond))
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Self::Text(Some(value))
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::Text(Some(value.to_owned()))
    }
}

impl From<Option<&str>> for Value {
    fn from(value: Option<&str>) -> Self {
        Self::Text(value.map(ToOwned::to_owned))
    }
}

impl From<&TenantCode> for Value {
    fn from(value: &TenantCode) -> Self {
        value.as_str().into()
    }
}

impl From<&Realm> for Value {
    fn from(value: &Realm) -> Self {
        value.as_str().into()
    }
}

impl From<&KioskId> for Value {
    fn from(value: &KioskId) -> Self {
        value.as_str().into()
    }
}

impl From<ApplicationId> for Value {
    fn from(value: ApplicationId) -> Self {
        value.to_string().into()
    }
}

impl From<uuid::Uuid> for Value {
    fn from(value: uuid::Uuid) -> Self {
        value.to_string().into()
    }
}

impl From<&[u8]> for Value {
    fn from(value: &[u8]) -> Self {
        Self::Bytes(Some(value.to_vec()))
    }
}

impl<const N: usize> From<&[u8; N]> for Value {
    fn from(value: &[u8; N]) -> Self {
        value.as_slice().into()
    }
}

impl From<Option<&[u8]>> for Value {
    fn from(value: Option<&[u8]>) -> Self {
        Self::Bytes(value.map(ToOwned::to_owned))
    }
}
