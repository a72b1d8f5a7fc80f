//! Rows as they come from either database, and what is made of them.

use std::fmt::Display;
use std::str::FromStr;

use jiff::Timestamp;
use kiosk_api::ApplicationId;
use sqlx::postgres::PgRow;
use sqlx::sqlite::SqliteRow;
use sqlx::{Decode, Postgres, Row as _, Sqlite, Type};

use crate::StoreError;

/// A value made of one row.
pub(crate) trait FromRow: Sized {
    /// The table, as errors name it.
    const TABLE: &'static str;

    fn from_row(row: &Row) -> Result<Self, StoreError>;
}

/// What a column of either database can be read as.
pub(crate) trait Column:
    for<'r> Decode<'r, Sqlite> + Type<Sqlite> + for<'r> Decode<'r, Postgres> + Type<Postgres>
{
}

impl<T> Column for T where
    T: for<'r> Decode<'r, Sqlite> + Type<Sqlite> + for<'r> Decode<'r, Postgres> + Type<Postgres>
{
}

enum Driver {
    Sqlite(SqliteRow),
    Postgres(PgRow),
}

/// A row; its columns are read by name.
pub(crate) struct Row {
    driver: Driver,
    table: &'static str,
}

impl Row {
    pub(crate) fn of_sqlite(row: SqliteRow, table: &'static str) -> Self {
        Self {
            driver: Driver::Sqlite(row),
            table,
        }
    }

    pub(crate) fn of_postgres(row: PgRow, table: &'static str) -> Self {
        Self {
            driver: Driver::Postgres(row),
            table,
        }
    }

    pub(crate) fn get<T: Column>(&self, column: &str) -> Result<T, StoreError> {
        Ok(match &self.driver {
            Driver::Sqlite(row) => row.try_get(column)?,
            Driver::Postgres(row) => row.try_get(column)?,
        })
    }

    /// The only column of a statement that asks for one.
    pub(crate) fn only<T: Column>(&self) -> Result<T, StoreError> {
        Ok(match &self.driver {
            Driver::Sqlite(row) => row.try_get(0)?,
            Driver::Postgres(row) => row.try_get(0)?,
        })
    }

    /// A text column that holds an id, a code or the like.
    pub(crate) fn parse<T: FromStr<Err: Display>>(&self, column: &str) -> Result<T, StoreError> {
        let text: String = self.get(column)?;
        text.parse().map_err(|e: T::Err| self.unreadable(e))
    }

    pub(crate) fn application_id(&self, column: &str) -> Result<ApplicationId, StoreError> {
        self.parse(column).map(ApplicationId)
    }

    /// A text column that holds a word of a closed list.
    pub(crate) fn word<T>(
        &self,
        column: &str,
        known: impl Fn(&str) -> Option<T>,
    ) -> Result<T, StoreError> {
        let word: String = self.get(column)?;
        known(&word).ok_or_else(|| self.unreadable(format!("unknown {column} {word:?}")))
    }

    /// A column of milliseconds since 1970 (UTC).
    pub(crate) fn time(&self, column: &str) -> Result<Timestamp, StoreError> {
        self.timestamp(self.get(column)?)
    }

    /// The same, where NULL says that it has not happened.
    pub(crate) fn time_if_any(&self, column: &str) -> Result<Option<Timestamp>, StoreError> {
        let milliseconds: Option<i64> = self.get(column)?;
        milliseconds.map(|at| self.timestamp(at)).transpose()
    }

    fn timestamp(&self, milliseconds: i64) -> Result<Timestamp, StoreError> {
        Timestamp::from_millisecond(milliseconds).map_err(|e| self.unreadable(e))
    }

    /// The error for a row that holds what this program never writes.
    pub(crate) fn unreadable(&self, reason: impl Display) -> StoreError {
        StoreError::Row {
            table: self.table,
            reason: reason.to_string(),
        }
    }
}
