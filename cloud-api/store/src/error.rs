//! Why the store did not answer.

use thiserror::Error;

/// Why the store did not answer.
#[derive(Debug, Error)]
pub enum StoreError {
    /// The URL names no database that this program knows.
    #[error("database {0:?}: expected sqlite:PATH or postgres://…")]
    Url(String),
    /// Every connection was in use for too long; the same question may be answered a moment later.
    #[error("database: no connection became free in time")]
    Busy,
    /// The database refused, or the connection to it broke.
    #[error("database: {0}")]
    Database(sqlx::Error),
    /// The schema was written by a newer program.
    #[error("the database has schema {found}, this program knows {known}: use a newer program")]
    Newer {
        /// Version in the database.
        found: i64,
        /// Newest version that this program knows.
        known: i64,
    },
    /// Row-level security would not apply to this user.
    #[error(
        "database user {0:?} may bypass row-level security: use one made by CREATE ROLE … LOGIN NOSUPERUSER NOBYPASSRLS that owns the database"
    )]
    BypassesRowSecurity(String),
    /// A row holds what this program never writes.
    #[error("row in {table} is unreadable: {reason}")]
    Row {
        /// Its table.
        table: &'static str,
        /// What cannot be read.
        reason: String,
    },
    /// The writer task has ended because the program is ending.
    #[error("the store is closing")]
    Closed,
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match error {
            sqlx::Error::PoolTimedOut => Self::Busy,
            error => Self::Database(error),
        }
    }
}
