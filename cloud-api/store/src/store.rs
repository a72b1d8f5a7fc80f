//! The store itself: opening, closing, and questions of one statement.

use crate::StoreError;
use crate::connection::Connection;
use crate::database::Database;
use crate::health::Checks;
use crate::migrations;
use crate::query::Query;
use crate::realm::TenantScope;
use crate::row::{Column, FromRow};
use crate::writer::Writer;

/// The store; cheap to clone.
#[derive(Clone)]
pub struct Store {
    pub(crate) database: Database,
    pub(crate) writer: Writer,
    pub(crate) checks: Checks,
}

impl Store {
    /// Opens the database and brings its schema up to date.
    ///
    /// # Errors
    /// A URL of another kind, a database that does not answer, a schema from a newer program.
    pub async fn open(url: &str, password: Option<&str>) -> Result<Self, StoreError> {
        let database = Database::open(url, password).await?;
        migrations::run(&database).await?;
        let writer = Writer::new(database.clone());
        let checks = Checks::default();
        let store = Self {
            database,
            writer,
            checks,
        };
        Ok(store)
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
        self.database.read(scope).await
    }

    /// A connection in a transaction: `commit` keeps all of what it wrote, anything else nothing.
    pub(crate) async fn write(
        &self,
        scope: &(impl TenantScope + ?Sized),
    ) -> Result<Connection, StoreError> {
        self.database.write(scope).await
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

    /// The value of one `SELECT`, if there is a row.
    pub(crate) async fn fetch_value<T: Column>(
        &self,
        scope: &(impl TenantScope + ?Sized),
        query: Query,
    ) -> Result<Option<T>, StoreError> {
        let mut connection = self.read(scope).await?;
        let value = connection.fetch_value(query).await?;
        connection.commit().await?;
        Ok(value)
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
