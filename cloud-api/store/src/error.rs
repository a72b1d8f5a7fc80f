//! Why the store did not answer.

use std::path::PathBuf;

use sqlx::error::DatabaseError;
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
    /// Another program holds the write lock for too long.
    #[error("database: another program holds its write lock")]
    Locked,
    /// No room is left.
    #[error("database: no room is left on its disk")]
    Full,
    /// The path names another file than the one that is open, or none.
    #[error(
        "database: {0} is not the file that is open any more; put it back, or restart to begin with what is there"
    )]
    Replaced(PathBuf),
    /// A page is damaged.
    #[error("database: damaged ({0}); restore the last backup")]
    Corrupt(String),
    /// The disk refuses.
    #[error("database: its disk refuses ({0})")]
    Unwritable(String),
    /// It can be read only.
    #[error("database: it can be read only")]
    ReadOnly,
    /// What is written would not survive a power cut.
    #[error("database: {0}, so that what was answered might be lost with the power")]
    NotDurable(String),
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
    /// The schema is that of an older program, or there is none.
    #[error(
        "the database has schema {found}, this program needs {known}: run `cloud-api migrate --owner-url …` as the owner of its tables"
    )]
    Older {
        /// Version in the database; 0: none.
        found: i64,
        /// The version that this program needs.
        known: i64,
    },
    /// The walls of the database are not as they must be.
    #[error(
        "the database's walls are not as they must be: {}; run `cloud-api migrate --owner-url …` as the owner of its tables",
        .0.join("; ")
    )]
    Walls(Vec<String>),
    /// Not a role's name.
    #[error("role {0:?}: expected a name of a-z, 0-9 and _ that begins with a letter")]
    Role(String),
    /// A row holds what this program never writes.
    #[error("row in {table} is unreadable: {reason}")]
    Row {
        /// Its table.
        table: &'static str,
        /// What cannot be read.
        reason: String,
    },
    /// A row was written or changed in the database and not by this program.
    #[error("application {0} was changed in the database by somebody else than this program")]
    Altered(kiosk_api::ApplicationId),
    /// Others than its owner may read a database file, and that cannot be changed.
    #[error("{path}: others than its owner may read it, and that cannot be changed: {1}", path = .0.display())]
    Private(std::path::PathBuf, std::io::Error),
    /// The same of a person, a session or a machine client.
    #[error("{table} {key} was changed in the database by somebody else than this program")]
    AlteredAccount {
        /// The table.
        table: &'static str,
        /// Which row.
        key: String,
    },
    /// A realm's secret.
    #[error("expected 32 secret bytes for each purpose")]
    Keys,
    /// The writer task has ended because the program is ending.
    #[error("the store is closing")]
    Closed,
}

impl StoreError {
    /// Whether the database as a whole refuses, so that trying single rows helps nobody.
    pub(crate) fn is_of_the_database(&self) -> bool {
        matches!(
            self,
            Self::Busy
                | Self::Locked
                | Self::Full
                | Self::Replaced(_)
                | Self::Corrupt(_)
                | Self::Unwritable(_)
                | Self::ReadOnly
                | Self::Closed
        )
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match error {
            sqlx::Error::PoolTimedOut => Self::Busy,
            error => match error.as_database_error().and_then(sqlite_code) {
                Some(5 | 6) => Self::Locked,
                Some(8) => Self::ReadOnly,
                Some(10) => Self::Unwritable(error.to_string()),
                Some(11 | 26) => Self::Corrupt(error.to_string()),
                Some(13) => Self::Full,
                _ => Self::Database(error),
            },
        }
    }
}

/// The primary result code (<https://sqlite.org/rescode.html>) of an error of SQLite.
fn sqlite_code(error: &dyn DatabaseError) -> Option<i32> {
    error.try_downcast_ref::<sqlx::sqlite::SqliteError>()?;
    let extended: i32 = error.code()?.parse().ok()?;
    Some(extended & 0xff)
}
