//! Health is honest, and a receipt means that the application is there after a restart.

use std::path::{Path, PathBuf};

use cloud_store::Store;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _, SqliteConnection};

use crate::device_api::{self, seal};
use crate::house::{House, Replica};
use crate::town::{Answer, Town, get, post, town};

fn file(town: &Town) -> PathBuf {
    town.folder.path().join("cloud.sqlite")
}

fn beside(file: &Path, suffix: &str) -> PathBuf {
    PathBuf::from(format!("{}{suffix}", file.display()))
}

async fn other_program(file: &Path) -> SqliteConnection {
    let options = SqliteConnectOptions::new().filename(file);
    options.connect().await.unwrap()
}

async fn health(town: &Town) -> (u16, String) {
    let answer = get(town.office(), "/healthz").await;
    let problem = answer.json()["problem"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    (answer.status.as_u16(), problem)
}

async fn deliver(town: &Town, id: u128) -> Answer {
    let sealed = seal(town, &device_api::application(id), id, 1);
    post(town.kiosk(), "/v1/990019/applications", &sealed).await
}

fn failing(problem: &str) -> (u16, String) {
    (503, problem.to_owned())
}

fn well() -> (u16, String) {
    (200, String::new())
}

#[tokio::test]
async fn a_write_lock_that_another_program_holds() {
    let town = town().await;
    assert_eq!(health(&town).await, well());
    let mut other = other_program(&file(&town)).await;
    let lock = other.begin_with("BEGIN IMMEDIATE").await.unwrap();
    assert_eq!(health(&town).await, failing("locked"));
    lock.rollback().await.unwrap();
    // The service takes the lock when it is free, and says so.
    while health(&town).await != well() {}
    assert_eq!(deliver(&town, 1).await.status, 201);
}

#[tokio::test]
async fn a_file_that_was_renamed_away_gets_no_receipts() {
    let town = town().await;
    assert_eq!(deliver(&town, 1).await.status, 201);
    let (file, away) = (file(&town), town.folder.path().join("away.sqlite"));
    std::fs::rename(&file, &away).unwrap();
    assert_eq!(health(&town).await, failing("replaced"));
    assert_eq!(deliver(&town, 2).await.status, 500);
    std::fs::rename(&away, &file).unwrap();
    assert_eq!(health(&town).await, well());
    assert_eq!(deliver(&town, 2).await.status, 201);
}

#[tokio::test]
async fn a_file_that_was_replaced_gets_no_receipts() {
    let town = town().await;
    assert_eq!(deliver(&town, 1).await.status, 201);
    let (file, copy) = (file(&town), town.folder.path().join("copy.sqlite"));
    std::fs::copy(&file, &copy).unwrap();
    std::fs::rename(&copy, &file).unwrap();
    assert_eq!(health(&town).await, failing("replaced"));
    assert_eq!(deliver(&town, 2).await.status, 500);
}

/// What is written to a log that has no name any more is lost with the process.
#[tokio::test]
async fn a_write_ahead_log_that_was_removed_gets_no_receipts() {
    let town = town().await;
    assert_eq!(deliver(&town, 1).await.status, 201);
    std::fs::remove_file(beside(&file(&town), "-wal")).unwrap();
    assert_eq!(health(&town).await, failing("replaced"));
    assert_eq!(deliver(&town, 2).await.status, 500);
}

#[tokio::test]
async fn a_damaged_page() {
    let town = town().await;
    for id in 1..=20 {
        assert_eq!(deliver(&town, id).await.status, 201);
    }
    assert_eq!(health(&town).await, well());
    let mut other = other_program(&file(&town)).await;
    sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)")
        .execute(&mut other)
        .await
        .unwrap();
    other.close().await.unwrap();
    let mut bytes = std::fs::read(file(&town)).unwrap();
    // In place, so that it is the same file; the first page stays as it is.
    bytes[4096..].fill(0xA5);
    std::fs::write(file(&town), bytes).unwrap();
    // A search begins at most every so often; until then the last one speaks.
    while health(&town).await == well() {}
    assert_eq!(health(&town).await, failing("corrupt"));
}

/// The service as its operator has it, on a disk that takes no more than so much in one file.
#[tokio::test]
async fn a_disk_that_takes_no_more() {
    let house = House::new(1, 1);
    let database = house.at("cloud.sqlite");
    let url = format!("sqlite:{}", database.display());
    let settings = house.settings(&url);
    drop(Store::open(&url, None).await.unwrap());
    let program = house.at("small-disk");
    let script = format!(
        "#!/bin/sh\ntrap '' XFSZ\nulimit -f 4096\nexec '{}' \"$@\"\n",
        env!("CARGO_BIN_EXE_cloud-api")
    );
    std::fs::write(&program, script).unwrap();
    make_executable(&program);
    let code = &house.towns[0];
    let (mut replica, kiosk) = (
        Replica::start(&program, &settings),
        house.client(code, "kiosk-1"),
    );
    let mut stored = Vec::new();
    let refused = loop {
        let id = stored.len() as u128 + 1;
        let sealed = house.sealed(&device_api::application(id));
        let url = format!("https://{}/v1/{code}/applications", replica.device);
        let post = kiosk
            .post(url)
            .header("content-type", "application/json")
            .body(sealed);
        match post.send().await.unwrap().status().as_u16() {
            201 => stored.push(id),
            refused => break refused,
        }
    };
    assert_eq!(refused, 500);
    let health = reqwest::get(format!("http://{}/healthz", replica.office))
        .await
        .unwrap();
    assert_eq!(health.status().as_u16(), 503);
    replica.kill();
    let store = Store::open(&url, None).await.unwrap();
    let there = store.count_applications(code).await.unwrap();
    assert_eq!(usize::try_from(there).unwrap(), stored.len());
    assert!(!stored.is_empty());
}

fn make_executable(program: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(program, std::fs::Permissions::from_mode(0o755)).unwrap();
}
