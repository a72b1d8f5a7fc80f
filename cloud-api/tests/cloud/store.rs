//! One suite, held against SQLite and PostgreSQL.

use cloud_store::{
    CallReason, Inserted, NewApplication, StaffCallRow, Store, StoreError, TakenNonce,
};
use jiff::{SignedDuration, Timestamp};
use kiosk_api::{
    ApplicationId, Count, EventKind, Heartbeat, KioskId, NonceId, StaffCallId, StaffCallReason,
    TenantCode,
};
use uuid::Uuid;

use crate::card::now;
use crate::postgres::Cluster;
use crate::town::{OTHER, TOWN};

fn code(text: &str) -> TenantCode {
    text.parse().unwrap()
}

fn kiosk(text: &str) -> KioskId {
    text.parse().unwrap()
}

pub(crate) fn application(tenant: &str, id: u128, at: Timestamp) -> NewApplication {
    NewApplication {
        tenant: code(tenant),
        id: ApplicationId(Uuid::from_u128(id)),
        kiosk: kiosk("kiosk-1"),
        reception: "03-260427-0015-4".to_owned(),
        event: "move_in".to_owned(),
        as_of: "2026-04-27".to_owned(),
        forms: 2,
        card: "verified".to_owned(),
        notes: 1,
        received_at: at,
        envelope: vec![0, 159, 146, 150, 255],
        index: cloud_store::Index::default(),
        protection: cloud_store::Protection::Unasked,
    }
}

async fn conforms(store: &Store) {
    store.check_health().await.unwrap();
    applications_once_and_apart(store).await;
    many_at_once_are_each_kept_once(store).await;
    a_nonce_is_taken_by_one_of_many(store).await;
    nonces_end_and_are_forgotten(store).await;
    kiosks_and_calls(store).await;
}

async fn applications_once_and_apart(store: &Store) {
    let (town, other) = (code(TOWN), code(OTHER));
    let first = application(TOWN, 1, now());
    assert_eq!(
        store.insert_application(first.clone()).await.unwrap(),
        Inserted::New
    );
    let mut again = application(TOWN, 1, now() + SignedDuration::from_secs(9));
    again.envelope = vec![1];
    assert_eq!(
        store.insert_application(again).await.unwrap(),
        Inserted::AlreadyStored
    );
    assert_eq!(
        store
            .insert_application(application(OTHER, 1, now()))
            .await
            .unwrap(),
        Inserted::New,
        "another town's"
    );
    let later = now() + SignedDuration::from_secs(60);
    store
        .insert_application(application(TOWN, 2, later))
        .await
        .unwrap();

    let (row, envelope) = store.application(&town, first.id).await.unwrap().unwrap();
    assert_eq!(
        (row.received_at, envelope),
        (first.received_at, first.envelope),
        "the first one stays"
    );
    let listed = store.list_applications(&town, 10).await.unwrap();
    let ids: Vec<u128> = listed.iter().map(|row| row.id.0.as_u128()).collect();
    assert_eq!(ids, [2, 1], "newest first");
    assert_eq!(store.list_applications(&town, 1).await.unwrap().len(), 1);
    assert_eq!(store.count_applications(&other).await.unwrap(), 1);
    assert!(
        store
            .application(&other, ApplicationId(Uuid::from_u128(2)))
            .await
            .unwrap()
            .is_none()
    );
}

async fn many_at_once_are_each_kept_once(store: &Store) {
    let mut tasks = tokio::task::JoinSet::new();
    for n in 0..300u128 {
        let store = store.clone();
        // Every id comes three times.
        tasks.spawn(async move {
            store
                .insert_application(application(OTHER, 1000 + n / 3, now()))
                .await
                .unwrap()
        });
    }
    let results = tasks.join_all().await;
    assert_eq!(
        results
            .iter()
            .filter(|result| **result == Inserted::New)
            .count(),
        100
    );
    assert_eq!(store.count_applications(&code(OTHER)).await.unwrap(), 101);
}

async fn a_nonce_is_taken_by_one_of_many(store: &Store) {
    let (town, lobby, id) = (code(TOWN), kiosk("kiosk-1"), NonceId(Uuid::from_u128(7)));
    let end = now() + SignedDuration::from_secs(60);
    store
        .insert_nonce(&town, &lobby, id, b"nonce", end)
        .await
        .unwrap();
    let foreign = store
        .take_nonce(&code(OTHER), &lobby, id, now())
        .await
        .unwrap();
    assert_eq!(foreign, TakenNonce::Unknown);
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let store = store.clone();
        tasks.spawn(async move {
            store
                .take_nonce(&code(TOWN), &kiosk("kiosk-1"), id, now())
                .await
                .unwrap()
        });
    }
    let results = tasks.join_all().await;
    assert_eq!(
        results
            .iter()
            .filter(|taken| **taken == TakenNonce::Fresh(b"nonce".to_vec()))
            .count(),
        1
    );
    assert_eq!(
        results
            .iter()
            .filter(|taken| **taken == TakenNonce::Used)
            .count(),
        19
    );
}

async fn nonces_end_and_are_forgotten(store: &Store) {
    let (town, lobby) = (code(TOWN), kiosk("kiosk-1"));
    let (old, new) = (NonceId(Uuid::from_u128(8)), NonceId(Uuid::from_u128(9)));
    store
        .insert_nonce(&town, &lobby, old, b"x", now())
        .await
        .unwrap();
    assert_eq!(
        store.take_nonce(&town, &lobby, old, now()).await.unwrap(),
        TakenNonce::Expired
    );
    let tomorrow = now() + SignedDuration::from_hours(24);
    store
        .insert_nonce(&town, &lobby, new, b"x", tomorrow)
        .await
        .unwrap();
    assert_eq!(
        store.take_nonce(&town, &lobby, old, now()).await.unwrap(),
        TakenNonce::Unknown
    );
}

async fn kiosks_and_calls(store: &Store) {
    let (town, lobby) = (code(TOWN), kiosk("kiosk-1"));
    let beat = Heartbeat {
        at: now(),
        software: "0.1.0".to_owned(),
        catalogue: None,
        forms: None,
        outbox: 3,
        parts: Vec::new(),
        events: vec![Count {
            kind: EventKind::VisitBegun,
            count: 2,
        }],
    };
    for _ in 0..2 {
        store
            .save_heartbeat(&town, &lobby, now(), &beat)
            .await
            .unwrap();
    }
    assert_eq!(store.kiosks(&town).await.unwrap().len(), 1);
    assert_eq!(
        store.kiosk_events(&town, &lobby).await.unwrap(),
        [("visit_begun".to_owned(), 4)]
    );
    assert!(store.kiosks(&code(OTHER)).await.unwrap().is_empty());
    let call = StaffCallRow {
        id: StaffCallId(Uuid::from_u128(1)),
        kiosk: lobby,
        reason: CallReason::Kiosk(StaffCallReason::Printer),
        called_at: now(),
    };
    assert!(store.insert_staff_call(&town, &call).await.unwrap());
    assert!(
        !store.insert_staff_call(&town, &call).await.unwrap(),
        "twice is once"
    );
    assert_eq!(store.staff_calls(&town, 5).await.unwrap(), [call]);
}

#[tokio::test(flavor = "multi_thread")]
async fn sqlite_conforms() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("a.sqlite").display());
    let store = Store::open(&url, None).await.unwrap();
    conforms(&store).await;
    store.close().await;
    let again = Store::open(&url, None).await.unwrap();
    assert_eq!(
        again.count_applications(&code(OTHER)).await.unwrap(),
        101,
        "it is there after a restart"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn postgresql_conforms() {
    let cluster = Cluster::start();
    // Whoever migrates twice at once does it once; replicas start at once.
    let url = cluster.url();
    tokio::join!(crate::dba::migrate(&cluster), crate::dba::migrate(&cluster));
    let (store, other) = tokio::join!(Store::open(&url, None), Store::open(&url, None));
    let (store, other) = (store.unwrap(), other.unwrap());
    conforms(&store).await;
    assert_eq!(other.count_applications(&code(OTHER)).await.unwrap(), 101);
    store.close().await;
    other.close().await;
}

/// What a query that forgets its tenant would meet.
#[tokio::test(flavor = "multi_thread")]
async fn postgresql_walls_off_what_a_query_forgets() {
    let cluster = Cluster::start();
    let store = crate::dba::opened(&cluster).await;
    for (town, id) in [(TOWN, 1), (OTHER, 2)] {
        let one = application(town, id, now());
        store.insert_application(one).await.unwrap();
    }
    let pool = sqlx::PgPool::connect(&cluster.url()).await.unwrap();
    let mut tx = pool.begin().await.unwrap();
    let count = "SELECT count(*) FROM applications";
    let (none,): (i64,) = sqlx::query_as(count).fetch_one(&mut *tx).await.unwrap();
    assert_eq!(none, 0, "no realm, no rows");
    let enter = format!("SET LOCAL genkan.tenant = '{TOWN}'");
    sqlx::raw_sql(sqlx::AssertSqlSafe(enter))
        .execute(&mut *tx)
        .await
        .unwrap();
    let (own,): (i64,) = sqlx::query_as(count).fetch_one(&mut *tx).await.unwrap();
    assert_eq!(own, 1);
    let taken = sqlx::query("UPDATE applications SET kiosk = 'stolen'")
        .execute(&mut *tx)
        .await
        .unwrap();
    assert_eq!(taken.rows_affected(), 1, "the own one only");
    let foreign = sqlx::query(
        "INSERT INTO kiosk_events (tenant, kiosk, kind, count) VALUES ('990027', 'a', 'b', 1)",
    )
    .execute(&mut *tx)
    .await;
    assert!(
        foreign
            .unwrap_err()
            .to_string()
            .contains("row-level security")
    );
    drop(tx);
    pool.close().await;
    store.close().await;

    let all_walled: (bool,) = sqlx::query_as(
        "SELECT bool_and(c.relrowsecurity AND c.relforcerowsecurity) FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid \
         WHERE c.relkind = 'r' AND a.attname = 'tenant'",
    )
    .fetch_one(&sqlx::PgPool::connect(&cluster.owner_url()).await.unwrap())
    .await
    .unwrap();
    assert!(all_walled.0, "every table with a tenant");
    let refused = Store::open(&cluster.owner_url(), None).await.err().unwrap();
    assert!(matches!(refused, StoreError::Walls(_)), "{refused}");
}

#[tokio::test]
async fn an_unknown_kind_of_database_is_named() {
    let refused = Store::open("mysql://x", None).await.err().unwrap();
    assert!(matches!(refused, StoreError::Url(url) if url == "mysql://x"));
}

#[tokio::test]
async fn a_newer_schema_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("a.sqlite").display());
    Store::open(&url, None).await.unwrap().close().await;
    let pool = sqlx::SqlitePool::connect(&url).await.unwrap();
    sqlx::query("INSERT INTO schema_migrations VALUES (99, 'future')")
        .execute(&pool)
        .await
        .unwrap();
    pool.close().await;
    assert!(matches!(
        Store::open(&url, None).await.err(),
        Some(StoreError::Newer { found: 99, .. })
    ));
}
