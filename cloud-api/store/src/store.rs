//! The store itself: opening, closing, and questions of one statement.

use std::sync::Arc;

use crate::connection::Connection;
use crate::database::Database;
use crate::keys::Keys;
use crate::migrations;
use crate::query::{Query, Value};
use crate::realm::TenantScope;
use crate::row::{Column, FromRow};
use crate::tagged::Tagged;
use crate::unwell::Checks;
use crate::walls;
use crate::writer::Writer;
use crate::{Realm, RealmKeys, StoreError};

/// The store; cheap to clone.
#[derive(Clone)]
pub struct Store {
    pub(crate) database: Database,
    pub(crate) writer: Writer,
    pub(crate) checks: Checks,
    pub(crate) keys: Arc<Keys>,
}

impl Store {
    /// Opens the database. SQLite's schema is brought up to date; PostgreSQL's is its owner's ([`Store::migrate`]), and a
    /// database whose walls are not as they must be is refused.
    ///
    /// # Errors
    /// A URL of another kind, a database that does not answer, a schema of another program; [`StoreError::Walls`].
    pub async fn open(url: &str, password: Option<&str>) -> Result<Self, StoreError> {
        let database = Database::open(url, password).await?;
        match &database {
            Database::Sqlite(_) => migrations::run(&database).await?,
            Database::Postgres(pool) => {
                migrations::is_newest(pool).await?;
                walls::check(pool).await?;
            }
        }
        let keys = Arc::default();
        let writer = Writer::new(database.clone(), Arc::clone(&keys));
        Ok(Self {
            database,
            writer,
            checks: Checks::default(),
            keys,
        })
    }

    /// The same store with the realms' keys: what it writes for them it authenticates, and what it reads it checks. Of a realm
    /// without keys nothing is known.
    #[must_use]
    pub fn with_keys(self, keys: impl IntoIterator<Item = (Realm, RealmKeys)>) -> Self {
        let keys = Arc::new(Keys::new(keys));
        Self {
            writer: Writer::new(self.database.clone(), Arc::clone(&keys)),
            keys,
            ..self
        }
    }

    /// Brings a PostgreSQL schema up to date as the owner of its tables, and gives the service's role what it needs of them
    /// and nothing more. SQLite's is brought up to date.
    ///
    /// # Errors
    /// As [`Store::open`]; [`StoreError::Role`].
    pub async fn migrate(url: &str, password: Option<&str>, role: &str) -> Result<(), StoreError> {
        let database = Database::open(url, password).await?;
        migrations::run(&database).await?;
        if let Database::Postgres(pool) = &database {
            walls::build(pool, role).await?;
            pool.close().await;
        }
        Ok(())
    }

    /// `sqlite` or `postgresql`.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self.database {
            Database::Sqlite(_) => "sqlite",
            Database::Postgres(_) => "postgresql",
        }
    }

    /// Waits for what is being written and closes the connections.
    pub async fn close(&self) {
        match &self.database {
            Database::Sqlite(pools) => {
                pools.write.close().await;
                pools.health.close().await;
                pools.read.close().await;
            }
            Database::Postgres(pool) => pool.close().await,
        }
    }

    /// A connection for several statements that change nothing; end it with `commit`, which spares PostgreSQL a rollback.
    pub(crate) async fn read(
        &self,
        scope: &(impl TenantScope + ?Sized),
    ) -> Result<Connection, StoreError> {
        self.database.read(&self.keys, scope).await
    }

    /// A connection that sees everything at one point in time.
    pub(crate) async fn snapshot(
        &self,
        scope: &(impl TenantScope + ?Sized),
    ) -> Result<Connection, StoreError> {
        self.database.snapshot(&self.keys, scope).await
    }

    /// A connection in a transaction: `commit` keeps all of what it wrote, anything else nothing.
    pub(crate) async fn write(
        &self,
        scope: &(impl TenantScope + ?Sized),
    ) -> Result<Connection, StoreError> {
        self.database.write(&self.keys, scope).await
    }

    /// The rows of one `SELECT`.
    pub(crate) async fn fetch_all<R: FromRow>(
        &self,
        scope: &(impl TenantScope + ?Sized),
        query: Query,
    ) -> Result<Vec<R>, StoreError> {
        let mut connection = self.read(scope).await?;
        let rows = connection.fetch_all(query).await?;
        connection.commit().await?;
        Ok(rows)
    }

    /// The row of one `SELECT`, if there is one.
    pub(crate) async fn fetch_optional<R: FromRow>(
        &self,
        scope: &(impl TenantScope + ?Sized),
        query: Query,
    ) -> Result<Option<R>, StoreError> {
        let mut connection = self.read(scope).await?;
        let row = connection.fetch_optional(query).await?;
        connection.commit().await?;
        Ok(row)
    }

    /// The rows of one `SELECT` of a table with tags that this program wrote.
    pub(crate) async fn fetch_genuine<R: FromRow>(
        &self,
        realm: &Realm,
        of: &Tagged,
        sql: String,
        values: Vec<Value>,
    ) -> Result<Vec<R>, StoreError> {
        let mut connection = self.read(realm).await?;
        let rows = connection.genuine(realm, of, sql, values).await?;
        connection.commit().await?;
        Ok(rows)
    }

    /// The value of one `SELECT` that always has a row, e.g. a count.
    pub(crate) async fn fetch_one<T: Column>(
        &self,
        scope: &(impl TenantScope + ?Sized),
        query: Query,
    ) -> Result<T, StoreError> {
        let mut connection = self.read(scope).await?;
        let value = connection.fetch_one(query).await?;
        connection.commit().await?;
        Ok(value)
    }

    /// One statement that changes rows; gives how many.
    pub(crate) async fn execute(
        &self,
        scope: &(impl TenantScope + ?Sized),
        query: Query,
    ) -> Result<u64, StoreError> {
        let mut connection = self.write(scope).await?;
        let rows = connection.execute(query).await?;
        connection.commit().await?;
        Ok(rows)
    }

    /// One statement that changes a row and returns it, if there was one.
    pub(crate) async fn change<R: FromRow>(
        &self,
        scope: &(impl TenantScope + ?Sized),
        query: Query,
    ) -> Result<Option<R>, StoreError> {
        let mut connection = self.write(scope).await?;
        let row = connection.fetch_optional(query).await?;
        connection.commit().await?;
        Ok(row)
    }
}
