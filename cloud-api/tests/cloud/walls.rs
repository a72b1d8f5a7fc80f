//! PostgreSQL's walls: the service's role owns nothing, and a database whose walls were taken down is refused with each fault
//! named.

use cloud_store::{Store, StoreError};
use sqlx::{AssertSqlSafe, PgPool};

use crate::postgres::Cluster;

async fn migrate(cluster: &Cluster) -> Result<(), StoreError> {
    Store::migrate(&cluster.migrator_url(), None, "genkan").await
}

async fn refused(cluster: &Cluster) -> Vec<String> {
    match Store::open(&cluster.url(), None).await.err() {
        Some(StoreError::Walls(faults)) => faults,
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_wall_that_was_taken_down_is_named_at_the_next_start() {
    let cluster = Cluster::start();
    migrate(&cluster).await.unwrap();
    Store::open(&cluster.url(), None)
        .await
        .unwrap()
        .close()
        .await;
    let admin = PgPool::connect(&cluster.owner_url()).await.unwrap();
    for (down, named) in [
        (
            "ALTER TABLE applications DISABLE ROW LEVEL SECURITY",
            "table applications: row-level security",
        ),
        (
            "ALTER TABLE audit NO FORCE ROW LEVEL SECURITY",
            "table audit: row-level security",
        ),
        ("ALTER TABLE staff OWNER TO genkan", "owns table staff"),
        (
            "ALTER DATABASE genkan OWNER TO genkan",
            "owns database genkan",
        ),
        (
            "GRANT CREATE ON SCHEMA public TO genkan",
            "owns schema public, or may create in it",
        ),
        (
            "GRANT TRUNCATE ON applications TO genkan",
            "table applications: the service's role may TRUNCATE",
        ),
        (
            "GRANT DELETE ON applications TO PUBLIC",
            "table applications: the service's role may DELETE",
        ),
        (
            "GRANT UPDATE ON audit TO genkan",
            "table audit: the service's role may UPDATE",
        ),
        (
            "GRANT DELETE ON audit_heads TO genkan",
            "table audit_heads: the service's role may DELETE",
        ),
        (
            "REVOKE INSERT ON nonces FROM genkan",
            "table nonces: the service's role may not INSERT",
        ),
        (
            "CREATE POLICY more ON jobs FOR SELECT USING (true)",
            "table jobs: a policy for SELECT lets other rows through",
        ),
        (
            "CREATE POLICY more ON audit FOR UPDATE USING (tenant = current_setting('genkan.tenant'::text, true))",
            "table audit: policies for",
        ),
        ("DROP POLICY seen ON kiosks", "table kiosks: policies for"),
        (
            "ALTER ROLE genkan CREATEROLE",
            "role \"genkan\" may do more",
        ),
        ("GRANT genkan_owner TO genkan", "owns table applications"),
    ] {
        sqlx::raw_sql(AssertSqlSafe(down.to_owned()))
            .execute(&admin)
            .await
            .unwrap();
        let faults = refused(&cluster).await;
        assert!(
            faults.iter().any(|fault| fault.contains(named)),
            "{down}: {faults:?}"
        );
        for up in [
            "ALTER ROLE genkan NOCREATEROLE",
            "REVOKE genkan_owner FROM genkan",
            "ALTER DATABASE genkan OWNER TO genkan_owner",
            "REVOKE CREATE ON SCHEMA public FROM genkan",
            "ALTER TABLE staff OWNER TO genkan_owner",
        ] {
            sqlx::raw_sql(up).execute(&admin).await.unwrap();
        }
        migrate(&cluster).await.unwrap();
        let open = Store::open(&cluster.url(), None).await;
        assert!(open.is_ok(), "{down}: migrating builds it again");
        open.unwrap().close().await;
    }
    admin.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_service_s_role_can_neither_truncate_nor_change_the_trail() {
    let cluster = Cluster::start();
    migrate(&cluster).await.unwrap();
    let service = PgPool::connect(&cluster.url()).await.unwrap();
    for refused in [
        "TRUNCATE audit",
        "TRUNCATE applications",
        "DELETE FROM applications",
        "DELETE FROM audit",
        "UPDATE audit SET actor = 'x'",
        "ALTER TABLE audit NO FORCE ROW LEVEL SECURITY",
        "DROP TABLE audit",
        "CREATE TABLE mine (a TEXT)",
        "UPDATE schema_migrations SET version = 1",
    ] {
        let error = sqlx::query(refused)
            .execute(&service)
            .await
            .unwrap_err()
            .to_string();
        let said = error.contains("permission denied") || error.contains("must be owner");
        assert!(said, "{refused}: {error}");
    }
    service.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_schema_that_nobody_migrated_and_a_strong_role_are_refused() {
    let cluster = Cluster::start();
    let empty = Store::open(&cluster.url(), None).await.err().unwrap();
    assert!(
        matches!(empty, StoreError::Older { found: 0, .. }),
        "{empty}"
    );
    assert!(empty.to_string().contains("cloud-api migrate"));
    migrate(&cluster).await.unwrap();
    let owner = Store::open(&cluster.migrator_url(), None)
        .await
        .err()
        .unwrap();
    assert!(
        owner.to_string().contains("owns table applications"),
        "{owner}"
    );
    let admin = Store::open(&cluster.owner_url(), None).await.err().unwrap();
    assert!(admin.to_string().contains("SUPERUSER"), "{admin}");
    for role in ["", "Genkan", "x; DROP TABLE audit", "1a"] {
        let named = Store::migrate(&cluster.migrator_url(), None, role).await;
        assert!(matches!(named, Err(StoreError::Role(_))), "{role:?}");
    }
}

/// Up to 0.2.0 the service owned its tables.
#[tokio::test(flavor = "multi_thread")]
async fn tables_that_the_service_owned_are_taken_from_it() {
    let cluster = Cluster::start();
    migrate(&cluster).await.unwrap();
    let admin = PgPool::connect(&cluster.owner_url()).await.unwrap();
    sqlx::raw_sql("REASSIGN OWNED BY genkan_owner TO genkan")
        .execute(&admin)
        .await
        .unwrap();
    assert!(
        refused(&cluster)
            .await
            .iter()
            .any(|one| one.contains("owns table audit"))
    );
    sqlx::raw_sql("ALTER DATABASE genkan OWNER TO genkan_owner")
        .execute(&admin)
        .await
        .unwrap();
    Store::migrate(&cluster.owner_url(), None, "genkan")
        .await
        .unwrap();
    Store::open(&cluster.url(), None)
        .await
        .unwrap()
        .close()
        .await;
    admin.close().await;
}
