//! Migrations: forward only, in order, each in a transaction. A file that was released is never changed again.

use sqlx::AssertSqlSafe;

use super::{Db, StoreError};

/// Version, name, SQL.
const MIGRATIONS: &[(i64, &str, &str)] =
    &[(1, "begin", include_str!("../../migrations/0001_begin.sql"))];

/// Several replicas may start at once on one PostgreSQL; one migrates, the others wait at this lock.
const PG_LOCK: i64 = 0x4745_4e4b_414e;

const SCHEMA: &str =
    "CREATE TABLE IF NOT EXISTS schema_migrations (version BIGINT PRIMARY KEY, name TEXT NOT NULL)";

/// Runs what has not run yet.
pub(crate) async fn run(db: &Db) -> Result<(), StoreError> {
    match db {
        Db::Lite(lite) => {
            let mut connection = lite.write.acquire().await?;
            sqlx::query(SCHEMA).execute(&mut *connection).await?;
            let done: (i64,) =
                sqlx::query_as("SELECT coalesce(max(version), 0) FROM schema_migrations")
                    .fetch_one(&mut *connection)
                    .await?;
            for (version, name, sql) in pending(done.0)? {
                let sql = sql.replace("BYTEA", "BLOB");
                let mut tx = sqlx::Connection::begin(&mut *connection).await?;
                sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut *tx).await?;
                record(version, name).execute(&mut *tx).await?;
                tx.commit().await?;
            }
        }
        Db::Pg(pool) => {
            let mut tx = pool.begin().await?;
            sqlx::query("SELECT pg_advisory_xact_lock($1)")
                .bind(PG_LOCK)
                .execute(&mut *tx)
                .await?;
            sqlx::query(SCHEMA).execute(&mut *tx).await?;
            let done: (i64,) =
                sqlx::query_as("SELECT coalesce(max(version), 0) FROM schema_migrations")
                    .fetch_one(&mut *tx)
                    .await?;
            for (version, name, sql) in pending(done.0)? {
                sqlx::raw_sql(sql).execute(&mut *tx).await?;
                record(version, name).execute(&mut *tx).await?;
            }
            tx.commit().await?;
        }
    }
    Ok(())
}

fn pending(
    done: i64,
) -> Result<impl Iterator<Item = (i64, &'static str, &'static str)>, StoreError> {
    let known = MIGRATIONS.last().map_or(0, |(version, _, _)| *version);
    if done > known {
        return Err(StoreError::Newer { found: done, known });
    }
    Ok(MIGRATIONS
        .iter()
        .copied()
        .filter(move |(version, _, _)| *version > done))
}

fn record<DB>(
    version: i64,
    name: &'static str,
) -> sqlx::query::Query<'static, DB, <DB as sqlx::Database>::Arguments>
where
    DB: sqlx::Database,
    i64: sqlx::Encode<'static, DB> + sqlx::Type<DB>,
    &'static str: sqlx::Encode<'static, DB> + sqlx::Type<DB>,
    <DB as sqlx::Database>::Arguments: sqlx::IntoArguments<DB>,
{
    sqlx::query("INSERT INTO schema_migrations (version, name) VALUES ($1, $2)")
        .bind(version)
        .bind(name)
}
