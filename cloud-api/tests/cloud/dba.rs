//! Whoever administers the database: SQL on it directly, past the service and past every wall in the database itself.

use cloud_store::Store;
use sqlx::{AssertSqlSafe, PgPool, SqlitePool};
use tempfile::TempDir;

use crate::postgres::Cluster;

/// A cluster's database with its newest schema, as the service uses it.
pub(crate) async fn opened(cluster: &Cluster) -> Store {
    migrate(cluster).await;
    Store::open(&cluster.url(), None).await.unwrap()
}

/// Brings a cluster's database to the newest schema, as its owner does.
pub(crate) async fn migrate(cluster: &Cluster) {
    let migrated = Store::migrate(&cluster.migrator_url(), None, "genkan").await;
    migrated.unwrap();
}

/// With what must live as long as the database does.
pub(crate) enum Dba {
    Sqlite(SqlitePool, #[allow(dead_code)] TempDir),
    Postgres(PgPool, #[allow(dead_code)] Cluster),
}

impl Dba {
    /// Either database, new, with somebody who may do anything to it.
    pub(crate) async fn sqlite() -> (Store, Self) {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("a.sqlite").display());
        let store = Store::open(&url, None).await.unwrap();
        let pool = SqlitePool::connect(&url).await.unwrap();
        let dba = Self::Sqlite(pool, folder);
        dba.run("DROP TRIGGER audit_is_not_changed").await;
        dba.run("DROP TRIGGER audit_is_not_removed").await;
        (store, dba)
    }

    pub(crate) async fn postgres() -> (Store, Self) {
        let cluster = Cluster::start();
        let store = opened(&cluster).await;
        let pool = PgPool::connect(&cluster.owner_url()).await.unwrap();
        (store, Self::Postgres(pool, cluster))
    }

    /// Runs statements; gives how many rows the last one changed.
    pub(crate) async fn run(&self, sql: &str) -> u64 {
        let sql = AssertSqlSafe(sql.to_owned());
        match self {
            Self::Sqlite(pool, _) => {
                let done = sqlx::query(sql).execute(pool).await;
                done.unwrap().rows_affected()
            }
            Self::Postgres(pool, _) => {
                let done = sqlx::query(sql).execute(pool).await;
                done.unwrap().rows_affected()
            }
        }
    }

    /// The only text of the only row.
    pub(crate) async fn text(&self, sql: &str) -> String {
        let sql = AssertSqlSafe(sql.to_owned());
        match self {
            Self::Sqlite(pool, _) => sqlx::query_scalar(sql).fetch_one(pool).await.unwrap(),
            Self::Postgres(pool, _) => sqlx::query_scalar(sql).fetch_one(pool).await.unwrap(),
        }
    }

    /// Bytes as either database writes them.
    pub(crate) fn bytes(&self, bytes: &[u8]) -> String {
        let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        match self {
            Self::Sqlite(..) => format!("x'{hex}'"),
            Self::Postgres(..) => format!("'\\x{hex}'"),
        }
    }
}
