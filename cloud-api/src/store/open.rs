//! Opening a database by its URL.

use std::str::FromStr;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};

use super::{Db, Lite, Store, StoreError, migrations, scope, writer};

impl Store {
    /// Opens the database and brings its schema up to date.
    ///
    /// # Errors
    /// A URL of another kind, a database that does not answer, a schema from a newer program.
    pub async fn open(url: &str, password: Option<&str>) -> Result<Self, StoreError> {
        let db = if url.starts_with("sqlite:") {
            Db::Lite(open_sqlite(url).await?)
        } else if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            Db::Pg(open_postgres(url, password).await?)
        } else {
            return Err(StoreError::Url(url.to_owned()));
        };
        migrations::run(&db).await?;
        let writer = writer::Writer::start(db.clone());
        Ok(Self { db, writer })
    }
}

async fn open_sqlite(url: &str) -> Result<Lite, StoreError> {
    // FULL: a receipt that was answered survives a power cut (libs.md 1.3).
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
    Ok(Lite { read, write })
}

async fn open_postgres(url: &str, password: Option<&str>) -> Result<sqlx::PgPool, StoreError> {
    let mut options = PgConnectOptions::from_str(url)?.application_name("genkan cloud-api");
    if let Some(password) = password {
        options = options.password(password);
    }
    let pool = PgPoolOptions::new()
        .max_connections(16)
        .acquire_timeout(Duration::from_secs(10))
        .connect_with(options)
        .await?;
    scope::refuse_unwalled(&pool).await?;
    Ok(pool)
}
