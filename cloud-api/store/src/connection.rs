//! One connection that serves both databases.

use std::sync::Arc;

use sqlx::pool::PoolConnection;
use sqlx::{PgConnection, PgTransaction, Sqlite, SqliteConnection, SqliteTransaction};

use crate::StoreError;
use crate::keys::Keys;
use crate::query::Query;
use crate::row::{Column, FromRow, Row};
use crate::sqlite_file::SqliteFile;

/// A connection that sees one realm's rows. What it wrote is kept only by [`commit`](Self::commit): dropped before that, as by
/// an error on the way, none of it is kept.
pub(crate) struct Connection {
    held: Held,
    /// What authenticates what is written and read here.
    pub(crate) keys: Arc<Keys>,
}

/// How the driver's connection is kept meanwhile.
pub(crate) enum Held {
    /// Without a transaction; several may read while one writes.
    SqliteReader(PoolConnection<Sqlite>),
    /// The one that writes, or one that reads at one point in time; the file that it writes to, to be compared with its path.
    SqliteTransaction(SqliteTransaction<'static>, Option<Arc<SqliteFile>>),
    /// Always in a transaction: its beginning says whose rows row-level security lets through.
    Postgres(PgTransaction<'static>),
}

/// The driver's own connection.
enum Driver<'c> {
    Sqlite(&'c mut SqliteConnection),
    Postgres(&'c mut PgConnection),
}

impl Connection {
    pub(crate) fn new(held: Held, keys: Arc<Keys>) -> Self {
        Self { held, keys }
    }

    fn driver(&mut self) -> Driver<'_> {
        match &mut self.held {
            Held::SqliteReader(connection) => Driver::Sqlite(connection),
            Held::SqliteTransaction(transaction, _) => Driver::Sqlite(transaction),
            Held::Postgres(transaction) => Driver::Postgres(transaction),
        }
    }

    /// Runs a statement; gives how many rows it changed.
    pub(crate) async fn execute(&mut self, query: Query) -> Result<u64, StoreError> {
        Ok(match self.driver() {
            Driver::Sqlite(on) => query.bound().execute(on).await?.rows_affected(),
            Driver::Postgres(on) => query.bound().execute(on).await?.rows_affected(),
        })
    }

    /// Every row of the answer.
    pub(crate) async fn fetch_all<R: FromRow>(
        &mut self,
        query: Query,
    ) -> Result<Vec<R>, StoreError> {
        self.rows(query, R::TABLE)
            .await?
            .iter()
            .map(R::from_row)
            .collect()
    }

    /// The only row of the answer, if there is one.
    pub(crate) async fn fetch_optional<R: FromRow>(
        &mut self,
        query: Query,
    ) -> Result<Option<R>, StoreError> {
        let row = self.row(query, R::TABLE).await?;
        row.as_ref().map(R::from_row).transpose()
    }

    /// The only column of the only row, if there is one.
    pub(crate) async fn fetch_value<T: Column>(
        &mut self,
        query: Query,
    ) -> Result<Option<T>, StoreError> {
        let row = self.row(query, "").await?;
        row.as_ref().map(Row::only).transpose()
    }

    /// The only column of a row that is always there, e.g. a count.
    pub(crate) async fn fetch_one<T: Column>(&mut self, query: Query) -> Result<T, StoreError> {
        let value = self.fetch_value(query).await?;
        value.ok_or(StoreError::Database(sqlx::Error::RowNotFound))
    }

    pub(crate) async fn rows(
        &mut self,
        query: Query,
        table: &'static str,
    ) -> Result<Vec<Row>, StoreError> {
        Ok(match self.driver() {
            Driver::Sqlite(on) => {
                let rows = query.bound().fetch_all(on).await?;
                rows.into_iter()
                    .map(|row| Row::of_sqlite(row, table))
                    .collect()
            }
            Driver::Postgres(on) => {
                let rows = query.bound().fetch_all(on).await?;
                rows.into_iter()
                    .map(|row| Row::of_postgres(row, table))
                    .collect()
            }
        })
    }

    async fn row(&mut self, query: Query, table: &'static str) -> Result<Option<Row>, StoreError> {
        Ok(match self.driver() {
            Driver::Sqlite(on) => {
                let row = query.bound().fetch_optional(on).await?;
                row.map(|row| Row::of_sqlite(row, table))
            }
            Driver::Postgres(on) => {
                let row = query.bound().fetch_optional(on).await?;
                row.map(|row| Row::of_postgres(row, table))
            }
        })
    }

    /// Keeps what was written, where a restart finds it.
    ///
    /// # Errors
    /// [`StoreError::Replaced`] when the path names another file by now.
    pub(crate) async fn commit(self) -> Result<(), StoreError> {
        match self.held {
            Held::SqliteReader(_) => {}
            Held::SqliteTransaction(transaction, file) => {
                let check = || file.as_ref().map_or(Ok(()), |file| file.check());
                // Before: nothing is written to a file that nobody will find. After: it may have gone meanwhile.
                check()?;
                transaction.commit().await?;
                check()?;
            }
            Held::Postgres(transaction) => transaction.commit().await?,
        }
        Ok(())
    }
}
