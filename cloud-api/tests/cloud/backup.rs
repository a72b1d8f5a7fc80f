//! Backup and restore, as docs/operations.md tells an operator to do it: taken while the service works, brought back into an
//! empty database, and a real service started on it.

use std::path::Path;
use std::process::Command;

use application::Application;
use reqwest::StatusCode;
use serde_json::Value;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, SqliteConnection};

use crate::clerk::Clerk;
use crate::device_api;
use crate::house::{House, Replica};
use crate::postgres::Cluster;

const PROGRAM: &str = env!("CARGO_BIN_EXE_cloud-api");
const APPLICATIONS: u16 = 12;

/// The `n`th application of a town.
fn application(house: &House, town: usize, n: u16) -> Application {
    let id = u128::from(n) << 64 | town as u128;
    let mut one = device_api::application(id);
    one.tenant = house.towns[town].to_string();
    let day = jiff::civil::date(2026, 4, 27);
    one.reception = Some(application::reception_number(1, day, n).unwrap());
    one
}

/// A kiosk of a town sends an application.
async fn send(house: &House, replica: &Replica, town: usize, n: u16) -> (StatusCode, Value) {
    let code = &house.towns[town];
    let answer = house
        .client(code, "kiosk-1")
        .post(format!("https://{}/v1/{code}/applications", replica.device))
        .header("content-type", "application/json")
        .body(house.sealed(&application(house, town, n)))
        .send()
        .await
        .unwrap();
    let status = answer.status();
    let text = answer.text().await.unwrap();
    (status, serde_json::from_str(&text).unwrap())
}

/// What must be the same on a restored database.
#[derive(PartialEq)]
struct Seen {
    trail: Vec<u8>,
    inbox: String,
    application: String,
    papers: Vec<Vec<u8>>,
}

impl Seen {
    async fn of(house: &House, settings: &Path, replica: &Replica, clerk: &Clerk) -> Self {
        // First of all: whoever looks is noted.
        let trail = trail(house, settings);
        let page =
            async |path: &str| String::from_utf8(clerk.look(&replica.office, path).await).unwrap();
        let mut papers = Vec::new();
        for n in 1..=3 {
            let id = application(house, 0, n).id;
            let paper = clerk
                .look(&replica.office, &format!("/applications/{id}/forms/1"))
                .await;
            assert!(paper.starts_with(b"%PDF-"));
            papers.push(paper);
        }
        let first = application(house, 0, 1).id;
        Self {
            trail,
            inbox: page("").await,
            application: page(&format!("/applications/{first}")).await,
            papers,
        }
    }
}

/// The first town's trail, exported and verified by the program.
fn trail(house: &House, settings: &Path) -> Vec<u8> {
    let file = house.at("trail.jsonl");
    let run = |arguments: &[&str]| {
        let done = Command::new(PROGRAM)
            .arg("audit")
            .args(arguments)
            .output()
            .unwrap();
        assert!(
            done.status.success(),
            "{}",
            String::from_utf8_lossy(&done.stderr)
        );
    };
    let (settings, out) = (settings.to_str().unwrap(), file.to_str().unwrap());
    let town = house.towns[0].as_str();
    run(&[
        "export",
        "--settings",
        settings,
        "--tenant",
        town,
        "--out",
        out,
    ]);
    run(&["verify", out]);
    std::fs::read(file).unwrap()
}

/// A town with work in it: applications, one of them taken and corrected.
async fn work(house: &House, replica: &Replica, clerk: &Clerk) {
    for n in 1..=APPLICATIONS {
        assert_eq!(send(house, replica, 0, n).await.0, 201);
    }
    assert_eq!(send(house, replica, 1, 1).await.0, 201, "another town's");
    let first = format!("/applications/{}", application(house, 0, 1).id);
    let csrf = clerk.csrf(&replica.office).await;
    let corrected = [("key", "applicant.phone"), ("text", "0399999999")];
    for (path, fields) in [("claim", &[][..]), ("correct", &corrected)] {
        let fields = [&[("csrf", csrf.as_str())], fields].concat();
        let answer = clerk
            .post(&replica.office, &format!("{first}/{path}"), &fields)
            .await;
        assert_eq!(answer.status(), 303, "{path}");
    }
}

/// The drill. `back_up` copies the database at the first URL while it is in use; `restore` gives the URL of the copy, restored.
async fn drill(
    house: &House,
    database: &str,
    back_up: impl AsyncFn(),
    restore: impl AsyncFn() -> String,
) {
    let settings = house.settings(database);
    let mut replica = Replica::start(PROGRAM, &settings);
    let mut clerk = Clerk::added(&settings, &house.towns[0]).await;
    clerk.log_in(&replica.office).await;
    work(house, &replica, &clerk).await;
    let before = trail(house, &settings);
    back_up().await;
    let seen = Seen::of(house, &settings, &replica, &clerk).await;
    assert!(seen.trail == before);
    assert_eq!(
        send(house, &replica, 0, APPLICATIONS + 1).await.0,
        201,
        "after the backup"
    );
    replica.kill();

    let settings = house.settings(&restore().await);
    let replica = Replica::start(PROGRAM, &settings);
    let again = Seen::of(house, &settings, &replica, &clerk).await;
    assert!(seen.trail == again.trail, "the trail");
    assert_eq!(seen.inbox, again.inbox);
    assert!(
        seen.inbox.contains(
            application(house, 0, APPLICATIONS)
                .reception
                .as_deref()
                .unwrap()
        )
    );
    assert_eq!(seen.application, again.application);
    assert!(seen.application.contains("0399999999"), "the correction");
    assert!(seen.papers == again.papers, "the same bytes");
    let (status, receipt) = send(house, &replica, 0, 1).await;
    assert_eq!(
        (status.as_u16(), &receipt["repeated"]),
        (200, &Value::Bool(true))
    );
    assert_eq!(
        clerk.look(&replica.office, "").await,
        again.inbox.as_bytes(),
        "not taken twice"
    );
    assert_eq!(
        send(house, &replica, 0, APPLICATIONS + 1).await.0,
        201,
        "what came later was not in it"
    );
    assert!(
        trail(house, &settings).starts_with(&seen.trail),
        "and goes on"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn sqlite_is_restored() {
    let house = House::new(2, 1);
    let (file, copy) = (house.at("cloud.sqlite"), house.at("copy.sqlite"));
    let back_up = async || {
        let mut live = SqliteConnection::connect(file.to_str().unwrap())
            .await
            .unwrap();
        let into = format!("VACUUM INTO '{}'", copy.display());
        sqlx::raw_sql(AssertSqlSafe(into))
            .execute(&mut live)
            .await
            .unwrap();
        live.close().await.unwrap();
    };
    let restored = async || "sqlite:copy.sqlite".to_owned();
    drill(&house, "sqlite:cloud.sqlite", back_up, restored).await;
    let mut rows = SqliteConnection::connect(copy.to_str().unwrap())
        .await
        .unwrap();
    let refused = sqlx::query("DELETE FROM audit")
        .execute(&mut rows)
        .await
        .unwrap_err();
    assert!(refused.to_string().contains("append-only"));
}

#[tokio::test(flavor = "multi_thread")]
async fn postgresql_is_restored_on_another_server() {
    let house = House::new(2, 1);
    let (old, new) = (Cluster::start(), Cluster::start());
    let dump = old.home().join("genkan.dump");
    let dump = dump.to_str().unwrap();
    let back_up = async || {
        let whole = ["--format=custom", "--file", dump, "genkan"];
        old.as_owner("pg_dump", &whole);
    };
    let restore = async || {
        let whole = [
            "--exit-on-error",
            "--single-transaction",
            "--dbname=genkan",
            dump,
        ];
        new.as_owner("pg_restore", &whole);
        new.url()
    };
    crate::dba::migrate(&old).await;
    drill(&house, &old.url(), back_up, restore).await;
    still_walled(&house, &new).await;
}

/// Row-level security came with the tables, and so did their owner, whom it binds.
async fn still_walled(house: &House, cluster: &Cluster) {
    let mut owner = PgConnection::connect(&cluster.owner_url()).await.unwrap();
    let open: Vec<String> = sqlx::query_scalar(
        "SELECT c.relname::text FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant' \
         WHERE c.relkind = 'r' AND NOT (c.relrowsecurity AND c.relforcerowsecurity AND pg_get_userbyid(c.relowner) = 'genkan_owner' \
         AND EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid))",
    )
    .fetch_all(&mut owner)
    .await
    .unwrap();
    assert_eq!(open, [""; 0], "tables without a wall");

    let mut service = PgConnection::connect(&cluster.url()).await.unwrap();
    let mut tx = service.begin().await.unwrap();
    let count = "SELECT count(*) FROM applications";
    let none: i64 = sqlx::query_scalar(count).fetch_one(&mut *tx).await.unwrap();
    let enter = format!("SET LOCAL genkan.tenant = '{}'", house.towns[1]);
    sqlx::raw_sql(AssertSqlSafe(enter))
        .execute(&mut *tx)
        .await
        .unwrap();
    let own: i64 = sqlx::query_scalar(count).fetch_one(&mut *tx).await.unwrap();
    assert_eq!((none, own), (0, 1));
    let removed = sqlx::query("DELETE FROM audit").execute(&mut *tx).await;
    let refused = removed.unwrap_err().to_string();
    assert!(
        refused.contains("permission denied"),
        "the trail is append-only: {refused}"
    );
}
