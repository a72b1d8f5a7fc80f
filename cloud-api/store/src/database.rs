//! The two databases, and connections to them that see one realm's rows.
//!
//! On PostgreSQL row-level security is the second wall: a query that forgets its `WHERE tenant = …` still meets only the rows
//! of the realm that its transaction began for.

use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{AssertSqlSafe, PgPool, PgTransaction, SqlitePool};

use crate::StoreError;
use crate::connection::{Connection, Held};
use crate::keys::Keys;
use crate::realm::TenantScope;

/// SQLite: many readers, one writer connection (WAL, synchronous=FULL).
#[derive(Clone)]
pub(crate) struct SqlitePools {
    pub(crate) read: SqlitePool,
    pub(crate) write: SqlitePool,
}

/// Cheap to clone.
#[derive(Clone)]
pub(crate) enum Database {
    Sqlite(SqlitePools),
    Postgres(PgPool),
}

impl Database {
    pub(crate) async fn open(url: &str, password: Option<&str>) -> Result<Self, StoreError> {
        if url.starts_with("sqlite:") {
            open_sqlite(url).await.map(Self::Sqlite)
        } else if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            open_postgres(url, password).await.map(Self::Postgres)
        } else {
            Err(StoreError::Url(url.to_owned()))
        }
    }

    /// A connection for statements that change nothing.
    pub(crate) async fn read(
        &self,
        keys: &Arc<Keys>,
        scope: &(impl TenantScope + ?Sized),
    ) -> Result<Connection, StoreError> {
        let held = match self {
            Self::Sqlite(pools) => Held::SqliteReader(pools.read.acquire().await?),
            Self::Postgres(pool) => Held::Postgres(begin(pool, scope).await?),
        };
        Ok(Connection::new(held, Arc::clone(keys)))
    }

    /// A connection that sees everything as it was at its first statement, whatever is written meanwhile.
    pub(crate) async fn snapshot(
        &self,
        keys: &Arc<Keys>,
        scope: &(impl TenantScope + ?Sized),
    ) -> Result<Connection, StoreError> {
        let held = match self {
            Self::Sqlite(pools) => Held::SqliteTransaction(pools.read.begin().await?),
            Self::Postgres(pool) => {
                let tenant = scope.tenant();
                let begin = format!(
                    "BEGIN ISOLATION LEVEL REPEATABLE READ; SET LOCAL genkan.tenant = '{tenant}'"
                );
                Held::Postgres(pool.begin_with(AssertSqlSafe(begin)).await?)
            }
        };
        Ok(Connection::new(held, Arc::clone(keys)))
    }

    /// A connection in a transaction.
    pub(crate) async fn write(
        &self,
        keys: &Arc<Keys>,
        scope: &(impl TenantScope + ?Sized),
    ) -> Result<Connection, StoreError> {
        let held = match self {
            Self::Sqlite(pools) => Held::SqliteTransaction(pools.write.begin().await?),
            Self::Postgres(pool) => Held::Postgres(begin(pool, scope).await?),
        };
        Ok(Connection::new(held, Arc::clone(keys)))
    }

    /// The end of a `SELECT` of rows to be taken, so that it skips those that another transaction is taking. SQLite has one
    /// writer and needs nothing.
    pub(crate) fn skip_locked(&self) -> &'static str {
        match self {
            Self::Sqlite(_) => "",
            Self::Postgres(_) => " FOR UPDATE SKIP LOCKED",
        }
    }
}

async fn open_sqlite(url: &str) -> Result<SqlitePools, StoreError> {
    // FULL: a receipt that was answered survives a power cut.
    let options = SqliteConnectOptions::from_str(url)?
        .create_if_missing(true)
        .foreign_keys(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(Duration::from_secs(10));
    let write = SqlitePoolOptions::new()
        .max_connections(1)
        .idle_timeout(None)
        .max_lifetime(None)
        .connect_with(options.clone())
        .await?;
    let read = if url.contains(":memory:") {
        write.clone()
    } else {
        SqlitePoolOptions::new()
            .max_connections(4)
            .connect_with(options.read_only(true))
            .await?
    };
    Ok(SqlitePools { read, write })
}

async fn open_postgres(url: &str, password: Option<&str>) -> Result<PgPool, StoreError> {
    let mut options = PgConnectOptions::from_str(url)?.application_name("genkan cloud-api");
    if let Some(password) = password {
        options = options.password(password);
    }
    let pool = PgPoolOptions::new()
        .max_connections(16)
        .acquire_timeout(Duration::from_secs(10))
        .connect_with(options)
        .await?;
    Ok(pool)
}

/// Begins a transaction that sees one realm's rows; one round trip.
pub(crate) async fn begin(
    pool: &PgPool,
    scope: &(impl TenantScope + ?Sized),
) -> Result<PgTransaction<'static>, StoreError> {
    let tenant = scope.tenant();
    let begin = format!("BEGIN; SET LOCAL genkan.tenant = '{tenant}'");
    Ok(pool.begin_with(AssertSqlSafe(begin)).await?)
}
