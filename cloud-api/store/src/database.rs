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
use crate::sqlite_file::{self, SqliteFile};

/// Longest wait of the health check for the write lock.
pub(crate) const LONGEST_LOCK: Duration = Duration::from_secs(4);

/// SQLite: many readers, one writer connection (WAL, synchronous=FULL).
#[derive(Clone)]
pub(crate) struct SqlitePools {
    pub(crate) read: SqlitePool,
    pub(crate) write: SqlitePool,
    /// One more writer, for the health check alone: it does not wait behind what the service writes, only for the lock.
    pub(crate) health: SqlitePool,
    /// The files on the disk; a database in memory has none.
    pub(crate) file: Option<Arc<SqliteFile>>,
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
            Self::Sqlite(pools) => Held::SqliteTransaction(pools.read.begin().await?, None),
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
            Self::Sqlite(pools) => {
                // The lock at once: one that reads first and then writes would be refused when the health check wrote meanwhile.
                let begun = pools.write.begin_with("BEGIN IMMEDIATE").await?;
                Held::SqliteTransaction(begun, pools.file.clone())
            }
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
    let in_memory = url.contains(":memory:");
    if !in_memory {
        let path = options.get_filename();
        sqlite_file::keep_private(path)
            .map_err(|source| StoreError::Private(path.to_owned(), source))?;
    }
    let write = SqlitePoolOptions::new()
        .max_connections(1)
        .idle_timeout(None)
        .max_lifetime(None)
        .connect_with(options.clone())
        .await?;
    durable(&write).await?;
    // After the first connection: it makes the files if there are none.
    let file = (!in_memory)
        .then(|| SqliteFile::of_open(options.get_filename()).map(Arc::new))
        .transpose()?;
    let health = if in_memory {
        write.clone()
    } else {
        let impatient = options.clone().busy_timeout(LONGEST_LOCK);
        SqlitePoolOptions::new()
            .max_connections(1)
            .connect_lazy_with(impatient)
    };
    let read = if in_memory {
        write.clone()
    } else {
        SqlitePoolOptions::new()
            .max_connections(4)
            .connect_with(options.read_only(true))
            .await?
    };
    Ok(SqlitePools {
        read,
        write,
        health,
        file,
    })
}

/// Refuses to run where a receipt could be lost with the power.
async fn durable(write: &SqlitePool) -> Result<(), StoreError> {
    // Reading opens the write-ahead log, too.
    sqlx::query("SELECT count(*) FROM sqlite_schema")
        .execute(write)
        .await?;
    let (synchronous,): (i64,) = sqlx::query_as("PRAGMA synchronous")
        .fetch_one(write)
        .await?;
    // 2 is FULL, 3 EXTRA (https://sqlite.org/pragma.html#pragma_synchronous).
    if synchronous < 2 {
        return Err(StoreError::NotDurable(format!(
            "synchronous is {synchronous}"
        )));
    }
    Ok(())
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

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_database_that_does_not_wait_for_the_disk_is_refused() {
        let options = SqliteConnectOptions::from_str("sqlite::memory:").unwrap();
        let careless = options.synchronous(SqliteSynchronous::Normal);
        let pool = SqlitePool::connect_with(careless).await.unwrap();
        let refused = durable(&pool).await.unwrap_err();
        assert!(matches!(refused, StoreError::NotDurable(_)), "{refused}");
    }
}
