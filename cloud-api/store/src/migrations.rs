//! Migrations: forward only, in order, each in a transaction. A file that was released is never changed again.

#[cfg(test)]
mod walked;

use sqlx::{AssertSqlSafe, PgPool, SqlitePool};

use crate::StoreError;
use crate::database::Database;

/// Version, name, SQL.
type Migration = (i64, &'static str, &'static str);

const MIGRATIONS: &[Migration] = &[
    (1, "begin", include_str!("../migrations/0001_begin.sql")),
    (2, "people", include_str!("../migrations/0002_people.sql")),
    (
        3,
        "core_register",
        include_str!("../migrations/0003_core_register.sql"),
    ),
    (
        4,
        "hand_off",
        include_str!("../migrations/0004_hand_off.sql"),
    ),
    (5, "inbox", include_str!("../migrations/0005_inbox.sql")),
    (
        6,
        "protection",
        include_str!("../migrations/0006_protection.sql"),
    ),
    (7, "events", include_str!("../migrations/0007_events.sql")),
    (8, "masters", include_str!("../migrations/0008_masters.sql")),
    (9, "lists", include_str!("../migrations/0009_lists.sql")),
    (
        10,
        "authentic",
        include_str!("../migrations/0010_authentic.sql"),
    ),
    (11, "log_in", include_str!("../migrations/0011_log_in.sql")),
    (
        12,
        "second_person",
        include_str!("../migrations/0012_second_person.sql"),
    ),
    (
        13,
        "client_secrets",
        include_str!("../migrations/0013_client_secrets.sql"),
    ),
    (14, "names", include_str!("../migrations/0014_names.sql")),
    (
        15,
        "authentic_accounts",
        include_str!("../migrations/0015_authentic_accounts.sql"),
    ),
];

/// Several replicas may start at once on one PostgreSQL; one migrates, the others wait at this lock.
pub(crate) const PG_LOCK: i64 = 0x4745_4e4b_414e;

/// Every table with a `tenant` column gets row-level security, whatever migration made it. FORCE: it applies also to the
/// owner. The audit trail can be read and added to, never changed.
const ROW_SECURITY: &str = r"
DO $$
DECLARE secured record; rule record;
BEGIN
    FOR secured IN
        SELECT c.relname AS name FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
        WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace AND a.attname = 'tenant'
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', secured.name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', secured.name);
        FOR rule IN
            SELECT policyname AS name FROM pg_policies WHERE schemaname = current_schema() AND tablename = secured.name
        LOOP
            EXECUTE format('DROP POLICY %I ON %I', rule.name, secured.name);
        END LOOP;
        EXECUTE format('CREATE POLICY seen ON %I FOR SELECT USING (tenant = current_setting(''genkan.tenant'', true))', secured.name);
        EXECUTE format('CREATE POLICY added ON %I FOR INSERT WITH CHECK (tenant = current_setting(''genkan.tenant'', true))', secured.name);
        IF secured.name <> 'audit' THEN
            EXECUTE format('CREATE POLICY changed ON %I FOR UPDATE USING (tenant = current_setting(''genkan.tenant'', true))', secured.name);
            EXECUTE format('CREATE POLICY removed ON %I FOR DELETE USING (tenant = current_setting(''genkan.tenant'', true))', secured.name);
        END IF;
    END LOOP;
END $$";

/// The same about the audit trail for SQLite.
const APPEND_ONLY: &str = "
CREATE TRIGGER IF NOT EXISTS audit_is_not_changed BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END;
CREATE TRIGGER IF NOT EXISTS audit_is_not_removed BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END;";

const SCHEMA: &str =
    "CREATE TABLE IF NOT EXISTS schema_migrations (version BIGINT PRIMARY KEY, name TEXT NOT NULL)";

/// The row that [`Store::check_health`](crate::Store::check_health) writes.
const HEALTH: &str =
    "CREATE TABLE IF NOT EXISTS health (id BIGINT PRIMARY KEY, text TEXT NOT NULL)";

/// A migration's statements see every town's rows: PostgreSQL exempts an owner until row-level security is forced again. In
/// the migrations' transaction, so that nobody else ever finds a table without it.
const LIFT_ROW_SECURITY: &str = r"
DO $$
DECLARE secured record;
BEGIN
    FOR secured IN
        SELECT relname AS name FROM pg_class
        WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace AND relforcerowsecurity
    LOOP
        EXECUTE format('ALTER TABLE %I NO FORCE ROW LEVEL SECURITY', secured.name);
    END LOOP;
END $$";

/// Up to 0.2.0 the service owned its tables. Whoever migrates takes them, as far as they may.
const TAKE_TABLES: &str = r"
DO $$
DECLARE found record;
BEGIN
    FOR found IN
        SELECT relname AS name FROM pg_class WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace
        AND relowner <> (SELECT oid FROM pg_roles WHERE rolname = current_user)
    LOOP
        EXECUTE format('ALTER TABLE %I OWNER TO CURRENT_USER', found.name);
    END LOOP;
END $$";

/// Runs what has not run yet.
pub(crate) async fn run(database: &Database) -> Result<(), StoreError> {
    run_all_of(MIGRATIONS, database).await
}

/// Brings a database to the last of these migrations.
async fn run_all_of(migrations: &[Migration], database: &Database) -> Result<(), StoreError> {
    match database {
        Database::Sqlite(pools) => run_on_sqlite(migrations, &pools.write).await,
        Database::Postgres(pool) => run_on_postgres(migrations, pool).await,
    }
}

const DONE: &str = "SELECT coalesce(max(version), 0) FROM schema_migrations";

async fn run_on_sqlite(migrations: &[Migration], pool: &SqlitePool) -> Result<(), StoreError> {
    let mut connection = pool.acquire().await?;
    sqlx::query(SCHEMA).execute(&mut *connection).await?;
    sqlx::query(HEALTH).execute(&mut *connection).await?;
    let (done,): (i64,) = sqlx::query_as(DONE).fetch_one(&mut *connection).await?;
    for (version, name, sql) in pending(migrations, done)? {
        let sql = sql.replace("BYTEA", "BLOB");
        let mut tx = sqlx::Connection::begin(&mut *connection).await?;
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut *tx).await?;
        applied(version, name).execute(&mut *tx).await?;
        tx.commit().await?;
    }
    let (trails,): (i64,) = sqlx::query_as(
        "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = 'audit'",
    )
    .fetch_one(&mut *connection)
    .await?;
    if trails > 0 {
        sqlx::raw_sql(APPEND_ONLY).execute(&mut *connection).await?;
    }
    Ok(())
}

async fn run_on_postgres(migrations: &[Migration], pool: &PgPool) -> Result<(), StoreError> {
    let mut tx = pool.begin().await?;
    sqlx::query("SELECT pg_advisory_xact_lock($1)")
        .bind(PG_LOCK)
        .execute(&mut *tx)
        .await?;
    sqlx::raw_sql(TAKE_TABLES).execute(&mut *tx).await?;
    sqlx::query(SCHEMA).execute(&mut *tx).await?;
    sqlx::query(HEALTH).execute(&mut *tx).await?;
    let (done,): (i64,) = sqlx::query_as(DONE).fetch_one(&mut *tx).await?;
    let pending = pending(migrations, done)?;
    if !pending.is_empty() {
        sqlx::raw_sql(LIFT_ROW_SECURITY).execute(&mut *tx).await?;
        for (version, name, sql) in pending {
            sqlx::raw_sql(sql).execute(&mut *tx).await?;
            applied(version, name).execute(&mut *tx).await?;
        }
    }
    // Also where nothing was pending: a wall that somebody took down stands again.
    sqlx::raw_sql(ROW_SECURITY).execute(&mut *tx).await?;
    tx.commit().await?;
    Ok(())
}

/// Refuses a schema that is not this program's.
pub(crate) async fn is_newest(pool: &PgPool) -> Result<(), StoreError> {
    let known = MIGRATIONS.last().map_or(0, |(version, _, _)| *version);
    let there: Option<String> = sqlx::query_scalar("SELECT to_regclass('schema_migrations')::text")
        .fetch_one(pool)
        .await?;
    let found: i64 = match there {
        None => 0,
        Some(_) => sqlx::query_scalar(DONE).fetch_one(pool).await?,
    };
    pending(MIGRATIONS, found)?;
    if found < known {
        return Err(StoreError::Older { found, known });
    }
    Ok(())
}

/// What has not run on a database that is at version `done`.
fn pending(migrations: &[Migration], done: i64) -> Result<Vec<Migration>, StoreError> {
    let known = migrations.last().map_or(0, |(version, _, _)| *version);
    if done > known {
        return Err(StoreError::Newer { found: done, known });
    }
    let later = migrations.iter().filter(|(version, _, _)| *version > done);
    Ok(later.copied().collect())
}

fn applied<DB>(
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
