//! The store: SQLite by default, PostgreSQL by URL, one SQL dialect (libs.md §5: `$1`, `RETURNING`, `ON CONFLICT`,
//! milliseconds as BIGINT, JSON as TEXT).
//!
//! Every query takes a [`TenantCode`](kiosk_api::TenantCode) or a [`Realm`], so that none can forget the tenant. On
//! PostgreSQL row-level security holds the same a second time (`scope.rs`).

mod applications;
pub(crate) mod audit;
mod clients;
mod deliveries;
mod events;
mod feed;
pub(crate) mod inbox;
mod jobs;
mod kiosks;
mod masters;
mod migrations;
mod nonces;
mod open;
mod protection;
mod register;
mod scope;
mod sessions;
mod staff;
mod staff_calls;
mod writer;

pub use applications::{ApplicationRow, Inserted, NewApplication};
pub use audit::TrailFilter;
pub use deliveries::{Announcement, DeliveryRow, Tried};
pub use events::{EventRow, Place};
pub use feed::After;
pub use inbox::{Claimed, InboxFilter, Move, Revision};
pub use jobs::{JobEnd, JobLine, JobRow, JobState, MOST_ATTEMPTS, Turn};
pub use kiosks::KioskRow;
pub use masters::MastersChange;
pub use nonces::TakenNonce;
pub use protection::Lookup;
pub use register::{
    Freshness, Hole, Load, LoadEnd, PullOutcome, RegisterRow, RegisterRows, StagedRow,
};
pub use scope::Realm;
pub use sessions::{Session, SignIn, Stage};
pub use staff::{Credentials, NewPerson};
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
    /// Row-level security would not hold for this user.
    #[error(
        "database user {0:?} may bypass row-level security: use one made by CREATE ROLE … LOGIN NOSUPERUSER NOBYPASSRLS that owns the database"
    )]
    Unwalled(String),
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

/// The same expression for either database, on a connection that sees this realm's rows only.
///
/// `$on` is a `&mut` connection; several statements each take `&mut *$on`.
macro_rules! reading {
    ($store:expr, $realm:expr, $on:ident => $body:expr) => {
        match &$store.db {
            $crate::store::Db::Lite(lite) => {
                let mut connection = lite.read.acquire().await?;
                let $on = &mut *connection;
                $body
            }
            $crate::store::Db::Pg(pool) => {
                let mut tx = $crate::store::scope::begin(pool, $realm).await?;
                let $on = &mut *tx;
                let value = $body;
                tx.commit().await?;
                value
            }
        }
    };
}

/// As `reading!`, in one transaction: all of the expression is written, or nothing of it.
macro_rules! writing {
    ($store:expr, $realm:expr, $on:ident => $body:expr) => {
        match &$store.db {
            $crate::store::Db::Lite(lite) => {
                let mut tx = lite.write.begin().await?;
                let $on = &mut *tx;
                let value = $body;
                tx.commit().await?;
                value
            }
            $crate::store::Db::Pg(pool) => {
                let mut tx = $crate::store::scope::begin(pool, $realm).await?;
                let $on = &mut *tx;
                let value = $body;
                tx.commit().await?;
                value
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
        match &self.db {
            Db::Lite(lite) => sqlx::query("SELECT 1")
                .execute(&lite.read)
                .await
                .map(drop)?,
            Db::Pg(pool) => sqlx::query("SELECT 1").execute(pool).await.map(drop)?,
        }
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

/// Placeholders of so many rows: `($1, $2), ($3, $4)`.
pub(crate) fn rows(rows: usize, columns: usize) -> String {
    let row = |row: usize| {
        let places = (1..=columns).map(|column| format!("${}", row * columns + column));
        format!("({})", places.collect::<Vec<_>>().join(", "))
    };
    (0..rows).map(row).collect::<Vec<_>>().join(", ")
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
