//! The store: SQLite by default, PostgreSQL by URL, one SQL dialect (libs.md §5: `$1`, `RETURNING`, `ON CONFLICT`,
//! milliseconds as BIGINT, JSON as TEXT).
//!
//! Every query takes a [`TenantCode`](kiosk_api::TenantCode), so that none can forget the tenant.

mod applications;
mod kiosks;
mod migrations;
mod nonces;
mod open;
mod staff_calls;
mod writer;

pub use applications::{ApplicationRow, Inserted, NewApplication};
pub use kiosks::KioskRow;
pub use nonces::TakenNonce;
pub use staff_calls::{CallReason, StaffCallRow};

use jiff::Timestamp;
use sqlx::{PgPool, SqlitePool};
use thiserror::Error;

/// Why the store did not answer.
#[derive(Debug, Error)]
pub enum StoreError {
    /// The URL names no database that this program knows.
    #[error("database {0:?}: expected sqlite:PATH or postgres://…")]
    Url(String),
    /// The database said no.
    #[error("database: {0}")]
    Database(#[from] sqlx::Error),
    /// The schema was written by a newer program.
    #[error("the database has schema {found}, this program knows {known}: use a newer program")]
    Newer {
        /// Version in the database.
        found: i64,
        /// Newest version that this program knows.
        known: i64,
    },
    /// A row holds what this program never writes.
    #[error("row in {table} is unreadable: {reason}")]
    Row {
        /// Table.
        table: &'static str,
        /// What.
        reason: String,
    },
    /// The writer has ended.
    #[error("the store is closing")]
    Closed,
}

/// SQLite: many readers, one writer connection (WAL, synchronous=FULL).
#[derive(Clone)]
pub(crate) struct Lite {
    pub(crate) read: SqlitePool,
    pub(crate) write: SqlitePool,
}

#[derive(Clone)]
pub(crate) enum Db {
    Lite(Lite),
    Pg(PgPool),
}

/// The store; cheap to clone.
#[derive(Clone)]
pub struct Store {
    pub(crate) db: Db,
    pub(crate) writer: writer::Writer,
}

/// The same expression for either database: `$pool` is the pool for reading.
macro_rules! reading {
    ($store:expr, $pool:ident => $body:expr) => {
        match &$store.db {
            $crate::store::Db::Lite(lite) => {
                let $pool = &lite.read;
                $body
            }
            $crate::store::Db::Pg(pool) => {
                let $pool = pool;
                $body
            }
        }
    };
}

/// The same expression for either database: `$pool` is the pool for writing.
macro_rules! writing {
    ($store:expr, $pool:ident => $body:expr) => {
        match &$store.db {
            $crate::store::Db::Lite(lite) => {
                let $pool = &lite.write;
                $body
            }
            $crate::store::Db::Pg(pool) => {
                let $pool = pool;
                $body
            }
        }
    };
}

pub(crate) use {reading, writing};

impl Store {
    /// Whether the database answers.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn ping(&self) -> Result<(), StoreError> {
        reading!(self, pool => { sqlx::query("SELECT 1").execute(pool).await?; });
        Ok(())
    }

    /// `sqlite` or `postgresql`.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self.db {
            Db::Lite(_) => "sqlite",
            Db::Pg(_) => "postgresql",
        }
    }

    /// Waits for what is being written and closes the connections.
    pub async fn close(&self) {
        match &self.db {
            Db::Lite(lite) => {
                lite.write.close().await;
                lite.read.close().await;
            }
            Db::Pg(pool) => pool.close().await,
        }
    }
}

fn timestamp(table: &'static str, milliseconds: i64) -> Result<Timestamp, StoreError> {
    Timestamp::from_millisecond(milliseconds).map_err(|e| StoreError::Row {
        table,
        reason: e.to_string(),
    })
}

fn parsed<T: std::str::FromStr<Err: std::fmt::Display>>(
    table: &'static str,
    text: &str,
) -> Result<T, StoreError> {
    text.parse().map_err(|e: T::Err| StoreError::Row {
        table,
        reason: e.to_string(),
    })
}
