//! Rows that somebody wrote into the database: named, never shown as genuine, never handed off.

use cloud_api::core_system::{CoreError, CoreSystem as _};
use cloud_store::audit::TrailFinding;
use cloud_store::{Findings, Realm, Role, RowFinding, Scope, Store};
use kiosk_api::ApplicationId;
use serde_json::json;
use uuid::Uuid;

use crate::clients::{add, token};
use crate::dba::Dba;
use crate::device_api::seal;
use crate::imported::{code, core, import_register};
use crate::people::{cookie_of, look};
use crate::protection::of;
use crate::town::{Choice, TOWN, Town, bearer, post};

/// A town on this store with so many applications, looked up and free for machines.
async fn town(store: Store, count: u128) -> Town {
    let town = Town::new(Choice {
        editions: true,
        store: Some(store),
        ..Choice::default()
    })
    .await;
    for id in 1..=count {
        let sealed = seal(&town, &of(false, id), id, 1);
        let answer = post(town.kiosk(), "/v1/990019/applications", &sealed).await;
        assert_eq!(answer.status, 201, "{}", answer.text());
    }
    town.look_up().await;
    town
}

fn id(n: u128) -> ApplicationId {
    ApplicationId(Uuid::from_u128(n))
}

async fn inspected(town: &Town) -> Findings {
    let realm: Realm = TOWN.parse().unwrap();
    town.cloud.inspect(&realm).await.unwrap().0
}

/// What may be done to one application, as `SET …`.
const CHANGES: [&str; 15] = [
    "state = 'confirmed'",
    "state = 'approved'",
    "protection = 'clear', answer = NULL",
    "answer = NULL",
    "protection = 'unasked'",
    "envelope = $forged",
    "envelope = $forged, digest = $digest",
    "reception = '03-260427-0999-4'",
    "card = 'none'",
    "kiosk = 'kiosk-2'",
    "notes = 7",
    "due = '2030-01-01'",
    "received_at = received_at + 1",
    "revision = 1",
    "tag = NULL, digest = NULL",
];

async fn every_change_is_named((store, dba): (Store, Dba)) {
    let count = CHANGES.len() as u128;
    let town = town(store, count + 1).await;
    assert_eq!(inspected(&town).await.sentences(), Vec::<String>::new());
    // Anybody can seal to the town's public key.
    let forged = seal(&town, &of(true, 1), 1, 9).to_string().into_bytes();
    let digest = aws_digest(&forged);
    for (change, n) in CHANGES.iter().zip(1u128..) {
        let change = change
            .replace("$forged", &dba.bytes(&forged))
            .replace("$digest", &dba.bytes(&digest));
        let sql = format!("UPDATE applications SET {change} WHERE id = '{}'", id(n).0);
        assert_eq!(dba.run(&sql).await, 1, "{change}");
    }
    let findings = inspected(&town).await;
    for (change, n) in CHANGES.iter().zip(1u128..) {
        let named = findings.rows.contains(&RowFinding::Altered(id(n)));
        assert!(named, "{change}: {:?}", findings.rows);
    }
    let last = id(count + 1).to_string();
    assert!(!findings.sentences().iter().any(|one| one.contains(&last)));
    clerks_are_warned(&town, count).await;
    machines_get_none(&town, count).await;
}

fn aws_digest(bytes: &[u8]) -> Vec<u8> {
    aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, bytes)
        .as_ref()
        .to_vec()
}

async fn clerks_are_warned(town: &Town, count: u128) {
    let session = cookie_of(town, TOWN, Role::Clerk).await;
    let list = look(town, &session, "/console/990019").await.text();
    assert_eq!(
        list.matches("書き換えの疑い").count() as u128,
        count - 1,
        "envelopes are not read for a list"
    );
    for n in 1..=count {
        for part in ["", "/forms/1", "/forms/1/pages/1"] {
            let path = format!("/console/990019/applications/{}{part}", id(n));
            let page = look(town, &session, &path).await;
            assert_eq!(page.status, 409, "{n} {part}");
            assert!(page.text().contains("書き換えられています"), "{n} {part}");
            assert!(!page.text().contains("見本"), "nothing of it is shown");
        }
    }
    let auditor = cookie_of(town, TOWN, Role::Auditor).await;
    let trail = look(town, &auditor, "/console/990019/trail").await.text();
    assert!(trail.contains("このサービス以外によって書き換えられています"));
    assert!(trail.contains(&format!("application {} was changed", id(1))));
    assert!(trail.contains("書き換えの検出"), "meeting one is an entry");
}

async fn machines_get_none(town: &Town, count: u128) {
    let secret = add(town, TOWN, "robot", Scope::ALL).await;
    let robot = token(town, TOWN, "robot", &secret).await;
    let ask = async |method: &str, path: &str, body| {
        bearer(town, method, &format!("/v1/990019/{path}"), &robot, body).await
    };
    let sheet = ask("GET", "sheets/resident_change", None).await;
    assert_eq!(sheet.status, 200);
    let altered = sheet.headers["genkan-altered"].to_str().unwrap().to_owned();
    let genuine = of(false, count + 1).reception.unwrap();
    assert!(
        sheet
            .text()
            .lines()
            .skip(1)
            .all(|line| line.starts_with(&genuine))
    );
    assert_eq!(sheet.text().lines().count(), 2, "{}", sheet.text());
    let named = (1..=count).filter(|n| altered.contains(&id(*n).to_string()));
    assert_eq!(named.count() as u128, count);

    let number = of(false, 9).reception.unwrap();
    let refused = ask("GET", &format!("applications/{number}"), None).await;
    assert_eq!(refused.problem(), "record_altered");
    let to = json!({"from": "received", "to": "confirmed"});
    let refused = ask("PUT", &format!("applications/{number}/state"), Some(to)).await;
    assert_eq!(
        refused.problem(),
        "record_altered",
        "a change would make it look genuine"
    );

    let (store, now) = (&town.cloud.store, crate::card::now());
    let queued = store
        .enqueue_job(&code(), Uuid::from_u128(7), id(6), now)
        .await;
    assert!(queued.unwrap());
    let claim = json!({"claim": Uuid::from_u128(70)});
    assert_eq!(ask("POST", "jobs/claim", Some(claim)).await.status, 204);
    let job = &store.jobs(&code(), 1).await.unwrap()[0];
    assert_eq!(job.reason.as_deref(), Some("altered"));
}

#[tokio::test(flavor = "multi_thread")]
async fn sqlite_every_change_of_a_row_is_named() {
    every_change_is_named(Dba::sqlite().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn postgresql_every_change_of_a_row_is_named() {
    every_change_is_named(Dba::postgres().await).await;
}

/// Rows that are put in, taken out, copied, or put back as they once were.
async fn every_row_is_accounted_for((store, dba): (Store, Dba)) {
    let town = town(store, 6).await;
    let row = |n: u128| format!("id = '{}'", id(n).0);
    let other_id = |n: u128, new: u128| {
        let (from, to) = (id(n), id(new));
        format!(
            "INSERT INTO applications (tenant, id, kiosk, reception, event, as_of, forms, card, notes, state, received_at, \
             envelope, due, counters, indexed, protection, answer, digest, tag) SELECT tenant, '{to}', kiosk, reception, event, \
             as_of, forms, card, notes, state, received_at, envelope, due, counters, indexed, protection, answer, digest, tag \
             FROM applications WHERE id = '{from}'"
        )
    };
    dba.run(&other_id(1, 100)).await;
    dba.run(&format!("DELETE FROM applications WHERE {}", row(2)))
        .await;
    // The state of this one goes on, and is put back as it was, tag and all.
    dba.run(&format!(
        "CREATE TABLE kept AS SELECT * FROM applications WHERE {}",
        row(3)
    ))
    .await;
    let secret = add(&town, TOWN, "mover", Scope::ALL).await;
    let mover = token(&town, TOWN, "mover", &secret).await;
    let number = of(false, 3).reception.unwrap();
    let to = json!({"from": "received", "to": "confirmed"});
    let path = format!("/v1/990019/applications/{number}/state");
    assert_eq!(
        bearer(&town, "PUT", &path, &mover, Some(to)).await.status,
        200
    );
    dba.run(&format!("DELETE FROM applications WHERE {}", row(3)))
        .await;
    dba.run("INSERT INTO applications SELECT * FROM kept").await;
    // A correction that nobody made, and one row's envelope under another's number.
    let forged = dba.bytes(&seal(&town, &of(true, 4), 4, 9).to_string().into_bytes());
    dba.run(&format!(
        "INSERT INTO application_revisions (tenant, application, revision, staff, made_at, envelope) \
         VALUES ('990019', '{}', 1, 'nobody', 1, {forged})",
        id(4).0
    ))
    .await;

    let rows = inspected(&town).await.rows;
    let has = |wanted: RowFinding| assert!(rows.contains(&wanted), "{wanted}: {rows:?}");
    has(RowFinding::Altered(id(100)));
    has(RowFinding::NotReceived(id(100)));
    has(RowFinding::Revision(id(4), 1));
    let removed = rows.iter().any(
        |one| matches!(one, RowFinding::Removed { id: gone, .. } if *gone == id(2).to_string()),
    );
    assert!(removed, "{rows:?}");
    let behind = rows.iter().any(|one| {
        matches!(one, RowFinding::Behind { id: old, found, expected, .. }
            if (*old, found.as_str(), expected.as_str()) == (id(3), "received", "confirmed"))
    });
    assert!(behind, "{rows:?}");
    for untouched in [5, 6] {
        let text = id(untouched).to_string();
        assert!(
            !rows.iter().any(|one| one.to_string().contains(&text)),
            "{rows:?}"
        );
    }
    // What was put in as a correction is not shown: the row counts none.
    let session = cookie_of(&town, TOWN, Role::Clerk).await;
    let page = look(
        &town,
        &session,
        &format!("/console/990019/applications/{}", id(4)),
    )
    .await;
    assert!(page.status == 200 && !page.text().contains("安全"));
}

#[tokio::test(flavor = "multi_thread")]
async fn sqlite_every_row_is_accounted_for() {
    every_row_is_accounted_for(Dba::sqlite().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn postgresql_every_row_is_accounted_for() {
    every_row_is_accounted_for(Dba::postgres().await).await;
}

/// Whoever reads the database does not learn who is protected: not from a row, not from the trail.
async fn nothing_says_who_is_protected((store, dba): (Store, Dba)) {
    let town = town(store, 2).await;
    let sealed = seal(&town, &of(true, 3), 3, 1);
    assert_eq!(
        post(town.kiosk(), "/v1/990019/applications", &sealed)
            .await
            .status,
        201
    );
    town.look_up().await;
    let found = town
        .cloud
        .store
        .application(&code(), id(3))
        .await
        .unwrap()
        .unwrap()
        .0;
    assert_eq!(found.protection, cloud_store::Protection::Found);
    let kinds = "SELECT count(DISTINCT protection || length(answer)) || '' FROM applications";
    assert_eq!(dba.text(kinds).await, "1", "found and clear look alike");
    let answers = "SELECT count(DISTINCT answer) || '' FROM applications";
    assert_eq!(
        dba.text(answers).await,
        "3",
        "and no two rows have the same"
    );
    for word in ["found", "clear", "seen"] {
        let said = format!(
            "SELECT ((SELECT count(*) FROM audit WHERE detail LIKE '%\"{word}\"%') + \
             (SELECT count(*) FROM applications WHERE protection = '{word}')) || ''"
        );
        assert_eq!(dba.text(&said).await, "0", "{word}");
    }
    // One row's answer is no other's.
    dba.run(&format!(
        "UPDATE applications SET answer = (SELECT answer FROM applications WHERE id = '{}') WHERE id = '{}'",
        id(1),
        id(3)
    ))
    .await;
    let now = town
        .cloud
        .store
        .application(&code(), id(3))
        .await
        .unwrap()
        .unwrap()
        .0;
    assert!(now.altered && now.protection.holds_back());
}

#[tokio::test(flavor = "multi_thread")]
async fn sqlite_nothing_says_who_is_protected() {
    nothing_says_who_is_protected(Dba::sqlite().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn postgresql_nothing_says_who_is_protected() {
    nothing_says_who_is_protected(Dba::postgres().await).await;
}

/// A row of the register that is found by what another row is found by is nobody's.
#[tokio::test(flavor = "multi_thread")]
async fn a_register_s_columns_are_those_of_its_rows() {
    let (store, dba) = Dba::sqlite().await;
    let town = town(store, 0).await;
    let core = core(&town);
    for column in ["household", "by_address", "by_building", "by_name"] {
        import_register(&town).await;
        assert!(core.household("H1").await.unwrap().is_some(), "{column}");
        dba.run(&format!(
            "UPDATE core_residents SET {column} = (SELECT {column} FROM core_residents ORDER BY place LIMIT 1)"
        ))
        .await;
        let refused = core.household("H1").await.err();
        let named = matches!(&refused, Some(CoreError::WrongAnswer(why)) if why.contains("changed in the database"));
        assert!(named, "{column}: {refused:?}");
    }
}

/// A database of an older program gets its tags once; after that a row without one is nobody's.
#[tokio::test(flavor = "multi_thread")]
async fn older_rows_are_authenticated_once() {
    let (store, dba) = Dba::sqlite().await;
    let town = town(store.clone(), 2).await;
    let untag =
        "UPDATE applications SET tag = NULL, digest = NULL, answer = NULL, protection = 'found'";
    dba.run(untag).await;
    dba.run("UPDATE audit SET tag = NULL").await;

    let realm: Realm = TOWN.parse().unwrap();
    let adopted = town
        .cloud
        .store
        .adopt(&realm, crate::card::now())
        .await
        .unwrap()
        .unwrap();
    assert_eq!((adopted.applications, adopted.revisions), (2, 0));
    assert_eq!(inspected(&town).await.sentences(), Vec::<String>::new());
    let plain = dba
        .text("SELECT count(*) || '' FROM applications WHERE protection = 'found'")
        .await;
    assert_eq!(plain, "0");
    let row = town
        .cloud
        .store
        .application(&code(), id(1))
        .await
        .unwrap()
        .unwrap()
        .0;
    assert!(row.protection.holds_back() && !row.altered);

    dba.run("UPDATE applications SET tag = NULL").await;
    let again = town
        .cloud
        .store
        .adopt(&realm, crate::card::now())
        .await
        .unwrap();
    assert!(again.is_none(), "once");
    let findings = inspected(&town).await;
    assert_eq!(
        findings.rows,
        [RowFinding::Altered(id(1)), RowFinding::Altered(id(2))]
    );

    // Nor by somebody who takes every tag away.
    dba.run("UPDATE audit SET tag = NULL").await;
    let again = town.cloud.store.adopt(&realm, crate::card::now()).await;
    assert!(again.unwrap().is_none(), "once");
    let findings = inspected(&town).await.trail;
    let given = |one: &TrailFinding| matches!(one, TrailFinding::TaggedAgain { .. });
    assert!(findings.iter().any(given), "{findings:?}");
}
