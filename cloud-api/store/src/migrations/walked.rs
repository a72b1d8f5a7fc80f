//! From every schema that was ever released to the newest one, on both databases, with a row in every table. A new migration
//! is walked without a change here: tables and columns are asked of the database, and each prefix of the list is a release.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;

use sqlx::{AssertSqlSafe, PgPool, Row as _, SqlitePool};

use super::{MIGRATIONS, Migration, run_all_of};
use crate::database::{Database, SqlitePools};
use crate::{Store, StoreError};

#[path = "../../../tests/cloud/postgres.rs"]
#[allow(dead_code)]
mod postgres;

const TOWNS: [&str; 2] = ["990019", "990027"];
/// What a text column holds: every id, number and word of ours can be read from it but those that `value` names.
const TEXT: &str = "01900000-0000-7000-8000-000000000001";

/// Table → its columns with their types, and its rows as text.
type Content = BTreeMap<String, (Vec<(String, String)>, Vec<String>)>;

/// A database that is walked as its owner, and a way to it that row-level security does not stop.
enum Walked {
    Sqlite(SqlitePools),
    Postgres { service: PgPool, owner: PgPool },
}

impl Walked {
    fn db(&self) -> Database {
        match self {
            Self::Sqlite(lite) => Database::Sqlite(lite.clone()),
            Self::Postgres { service, .. } => Database::Postgres(service.clone()),
        }
    }

    async fn execute(&self, sql: String) {
        let sql = sqlx::raw_sql(AssertSqlSafe(sql));
        let failed = match self {
            Self::Sqlite(lite) => sql.execute(&lite.write).await.err(),
            Self::Postgres { owner, .. } => sql.execute(owner).await.err(),
        };
        assert!(failed.is_none(), "{failed:?}");
    }

    async fn texts(&self, sql: String) -> Vec<String> {
        let sql = AssertSqlSafe(sql);
        match self {
            Self::Sqlite(lite) => sqlx::query_scalar(sql).fetch_all(&lite.write).await,
            Self::Postgres { owner, .. } => sqlx::query_scalar(sql).fetch_all(owner).await,
        }
        .unwrap()
    }

    async fn tables(&self) -> Vec<String> {
        let list = match self {
            Self::Sqlite(_) => "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name",
            Self::Postgres { .. } => {
                "SELECT relname::text FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY 1"
            }
        };
        let mut tables = self.texts(list.to_owned()).await;
        // These two are of the database itself, not of a town.
        tables.retain(|table| table != "schema_migrations" && table != "health");
        tables
    }

    async fn columns(&self, table: &str) -> Vec<(String, String)> {
        let list = match self {
            Self::Sqlite(_) => {
                format!("SELECT name || ' ' || type FROM pragma_table_info('{table}') ORDER BY cid")
            }
            Self::Postgres { .. } => format!(
                "SELECT column_name || ' ' || data_type FROM information_schema.columns \
                 WHERE table_schema = 'public' AND table_name = '{table}' ORDER BY ordinal_position"
            ),
        };
        let lines = self.texts(list).await;
        let pair = |line: &String| {
            line.split_once(' ')
                .map(|(name, kind)| (name.to_owned(), kind.to_uppercase()))
        };
        lines.iter().map(|line| pair(line).unwrap()).collect()
    }

    /// A row for each town in every table that has none yet.
    async fn fill(&self) {
        for table in self.tables().await {
            let columns = self.columns(&table).await;
            assert_eq!(columns[0].0, "tenant", "{table}: every row is some town's");
            let names: Vec<&str> = columns.iter().map(|(name, _)| name.as_str()).collect();
            for town in TOWNS {
                let values: Vec<String> = columns
                    .iter()
                    .map(|(name, kind)| self.value(town, name, kind))
                    .collect();
                let (names, values) = (names.join(", "), values.join(", "));
                self.execute(format!("INSERT INTO {table} ({names}) VALUES ({values})"))
                    .await;
            }
        }
    }

    fn value(&self, town: &str, column: &str, kind: &str) -> String {
        let text = match column {
            "tenant" => town,
            "state" => "received",
            "protection" => "waiting",
            "heartbeat" | "detail" => "{}",
            _ => TEXT,
        };
        match (kind, self) {
            ("BIGINT", _) => "1".to_owned(),
            ("TEXT", _) => format!("'{text}'"),
            ("BLOB", _) => "x'009fff'".to_owned(),
            ("BYTEA", _) => "'\\x009fff'".to_owned(),
            (other, _) => panic!("{column} is {other}: the dialect has TEXT, BIGINT and BYTEA"),
        }
    }

    /// What is in these columns now.
    async fn content(&self, tables: BTreeMap<String, Vec<(String, String)>>) -> Content {
        let mut content = Content::new();
        for (table, columns) in tables {
            let shown: Vec<String> = columns
                .iter()
                .map(|(name, kind)| self.shown(name, kind))
                .collect();
            let list = format!(
                "SELECT {} FROM {table} ORDER BY tenant",
                shown.join(" || ' ' || ")
            );
            let rows = self.texts(list).await;
            content.insert(table, (columns, rows));
        }
        content
    }

    fn shown(&self, column: &str, kind: &str) -> String {
        match (kind, self) {
            ("BLOB", _) => format!("hex({column})"),
            ("BYTEA", _) => format!("encode({column}, 'hex')"),
            _ => format!("CAST({column} AS TEXT)"),
        }
    }

    async fn all_columns(&self) -> BTreeMap<String, Vec<(String, String)>> {
        let mut all = BTreeMap::new();
        for table in self.tables().await {
            let columns = self.columns(&table).await;
            all.insert(table, columns);
        }
        all
    }
}

/// Every release to the newest; then what is there is what was there.
async fn walk(walked: &Walked, release: &[Migration]) {
    run_all_of(release, &walked.db()).await.unwrap();
    walked.fill().await;
    let before = walked.content(walked.all_columns().await).await;
    assert!(before.values().all(|(_, rows)| rows.len() == TOWNS.len()));
    assert!(before.contains_key("applications"));

    run_all_of(MIGRATIONS, &walked.db()).await.unwrap();
    // Gone on purpose, with what it held.
    let mut before = before;
    before.remove("application_names");
    let columns = before
        .iter()
        .map(|(table, (columns, _))| (table.clone(), columns.clone()));
    assert!(
        walked.content(columns.collect()).await == before,
        "{} kept every row",
        release.len()
    );
    run_all_of(MIGRATIONS, &walked.db()).await.unwrap();

    if release.len() < MIGRATIONS.len() {
        let refused = run_all_of(release, &walked.db()).await.unwrap_err();
        assert!(matches!(refused, StoreError::Newer { .. }), "{refused}");
        let message = format!(
            "schema {}, this program knows {}: use a newer program",
            MIGRATIONS.len(),
            release.len()
        );
        assert!(refused.to_string().contains(&message), "{refused}");
    }
    every_town_is_migrated(walked).await;
}

/// A migration that changes rows changes every town's, though row-level security is forced on the service itself.
async fn every_town_is_migrated(walked: &Walked) {
    const NEXT: Migration = (i64::MAX, "next", "UPDATE applications SET kiosk = 'moved'");
    let next: Vec<Migration> = MIGRATIONS.iter().copied().chain([NEXT]).collect();
    run_all_of(&next, &walked.db()).await.unwrap();
    let kiosks = walked
        .texts("SELECT kiosk FROM applications".to_owned())
        .await;
    assert_eq!(kiosks, ["moved"; TOWNS.len()]);
    if let Walked::Postgres { service, .. } = walked {
        let seen = sqlx::query("SELECT count(*) FROM applications")
            .fetch_one(service)
            .await
            .unwrap();
        assert_eq!(seen.get::<i64, _>(0), 0, "row-level security is back");
    }
    walked
        .execute(format!(
            "DELETE FROM schema_migrations WHERE version = {}",
            NEXT.0
        ))
        .await;
}

/// What the newest program makes of the rows.
async fn is_listed(url: &str) {
    let store = Store::open(url, None).await.unwrap();
    for town in TOWNS {
        let rows = store
            .list_applications(&town.parse().unwrap(), 10)
            .await
            .unwrap();
        assert_eq!((rows.len(), rows[0].kiosk.as_str()), (1, "moved"));
        assert_eq!(rows[0].id.to_string(), TEXT);
    }
    store.close().await;
}

#[test]
fn versions_count_up_from_one() {
    let versions: Vec<i64> = MIGRATIONS.iter().map(|(version, _, _)| *version).collect();
    let expected: Vec<i64> = (1..).take(MIGRATIONS.len()).collect();
    assert_eq!(versions, expected);
}

#[tokio::test]
async fn sqlite_from_every_release() {
    let folder = tempfile::tempdir().unwrap();
    for release in 1..=MIGRATIONS.len() {
        let url = format!(
            "sqlite:{}?mode=rwc",
            folder.path().join(release.to_string()).display()
        );
        let pool = SqlitePool::connect(&url).await.unwrap();
        let lite = SqlitePools {
            read: pool.clone(),
            write: pool.clone(),
            health: pool.clone(),
            file: None,
        };
        walk(&Walked::Sqlite(lite), &MIGRATIONS[..release]).await;
        pool.close().await;
        is_listed(&url).await;
    }
}

#[tokio::test]
async fn postgresql_from_every_release() {
    let cluster = postgres::Cluster::start();
    let owner = PgPool::connect(&cluster.owner_url()).await.unwrap();
    for release in 1..=MIGRATIONS.len() {
        let service = PgPool::connect(&cluster.migrator_url()).await.unwrap();
        let walked = Walked::Postgres {
            service,
            owner: owner.clone(),
        };
        walk(&walked, &MIGRATIONS[..release]).await;
        let migrated = Store::migrate(&cluster.migrator_url(), None, "genkan").await;
        migrated.unwrap();
        is_listed(&cluster.url()).await;
        if let Walked::Postgres { service, .. } = &walked {
            service.close().await;
        }
        walked
            .execute("DROP OWNED BY genkan_owner".to_owned())
            .await;
    }
    owner.close().await;
}
