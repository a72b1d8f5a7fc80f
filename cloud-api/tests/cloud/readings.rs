//! Whoever reads a resident's data leaves an entry. Every route of the OpenAPI document is asked, and an answer that holds a
//! resident's name, or a form as picture, PDF or sheet, must have one.

use axum::body::Body;
use axum::http::Request;
use cloud_api::router::document;
use cloud_store::audit::{AuditEvent, Entry};
use cloud_store::{Permission, Realm, Rights, Scope};
use serde_json::{Value, json};

use crate::clients::{add as add_client, token};
use crate::device_api::seal;
use crate::people::{add, csrf, form, log_in, look};
use crate::protection::of;
use crate::town::{Answer, Choice, TOWN, Town, bearer, send};

const ID: &str = "00000000-0000-0000-0000-000000000001";
/// What the resident of the test is called, as the console and machines give it.
const NAMES: [&str; 2] = ["見本　花子", "見本 花子"];

/// Events that say that somebody read a resident's data.
const READINGS: [AuditEvent; 8] = [
    AuditEvent::Opened,
    AuditEvent::Viewed,
    AuditEvent::Printed,
    AuditEvent::Searched,
    AuditEvent::HandedOff,
    AuditEvent::Interviewed,
    AuditEvent::HouseholdReleased,
    AuditEvent::TrailRead,
];

struct Desk {
    town: Town,
    session: String,
    csrf: String,
    token: String,
    reception: String,
}

impl Desk {
    /// A town with one application, and somebody and something that may do everything.
    async fn new() -> Self {
        let town = Town::new(Choice {
            editions: true,
            ..Choice::default()
        })
        .await;
        let one = of(false, 1);
        let sealed = seal(&town, &one, 1, 1);
        let stored = crate::town::post(town.kiosk(), "/v1/990019/applications", &sealed).await;
        assert_eq!(stored.status, 201);
        town.look_up().await;
        let realm: Realm = TOWN.parse().unwrap();
        let mut rights = Rights::default();
        rights.granted.extend(Permission::ALL);
        add(&town, &realm, "everything", rights).await;
        let session = log_in(&town, TOWN, "everything").await;
        let csrf = csrf(&look(&town, &session, "/console/990019/me").await.text());
        let secret = add_client(&town, TOWN, "machine", Scope::ALL).await;
        let token = token(&town, TOWN, "machine", &secret).await;
        Self {
            reception: one.reception.unwrap(),
            town,
            session,
            csrf,
            token,
        }
    }

    fn path(&self, pattern: &str) -> String {
        let values = [
            ("{tenant}", TOWN),
            ("{id}", ID),
            ("{reception}", &self.reception),
            ("{number}", "1"),
            ("{page}", "1"),
            ("{sheet}", "resident_change"),
        ];
        let fill = |path: String, (name, value): (&str, &str)| path.replace(name, value);
        values.into_iter().fold(pattern.to_owned(), fill)
    }

    /// As a session and as a token; whichever the route takes.
    async fn get(&self, pattern: &str) -> Answer {
        let request = Request::get(self.path(pattern))
            .header("cookie", &self.session)
            .header("authorization", format!("Bearer {}", self.token))
            .body(Body::empty());
        send(self.town.office(), request.unwrap()).await
    }

    async fn entries(&self) -> Vec<Entry> {
        let realm: Realm = TOWN.parse().unwrap();
        self.town
            .cloud
            .store
            .trail(&realm, 1, 10_000)
            .await
            .unwrap()
    }

    /// What `ask` answers, and the entries of readings that came of it.
    async fn asked(&self, ask: impl Future<Output = Answer>) -> (Answer, Vec<Entry>) {
        let before = self.entries().await.len();
        let answer = ask.await;
        let mut entries = self.entries().await.split_off(before);
        let words = READINGS.map(AuditEvent::as_str);
        entries.retain(|entry| words.contains(&entry.event.as_str()));
        (answer, entries)
    }
}

/// Whether an answer holds what only a reader of residents' data may have.
fn holds_data(answer: &Answer) -> bool {
    let kind = answer.headers.get("content-type");
    let kind = kind.map_or("", |kind| kind.to_str().unwrap());
    let text = String::from_utf8_lossy(&answer.body);
    let drawn = ["application/pdf", "image/png", "text/csv"].iter();
    answer.status.is_success()
        && (drawn.clone().any(|one| kind.starts_with(one))
            || NAMES.iter().any(|name| text.contains(name)))
}

#[tokio::test(flavor = "multi_thread")]
async fn every_route_that_gives_residents_data_writes_an_entry() {
    let desk = Desk::new().await;
    let document: Value = serde_json::from_str(&document().to_json().unwrap()).unwrap();
    let mut readers = Vec::new();
    for (pattern, methods) in document["paths"].as_object().unwrap() {
        if !methods["get"].is_object() {
            continue;
        }
        let (answer, entries) = desk.asked(desk.get(pattern)).await;
        if holds_data(&answer) {
            assert!(
                !entries.is_empty(),
                "GET {pattern} gives data without an entry"
            );
            readers.push(pattern.clone());
        }
    }
    for known in [
        "/console/{tenant}/applications/{id}",
        "/console/{tenant}/applications/{id}/forms/{number}",
        "/console/{tenant}/applications/{id}/forms/{number}/pages/{page}",
        "/v1/{tenant}/applications/{reception}",
        "/v1/{tenant}/sheets/{sheet}",
    ] {
        assert!(
            readers.iter().any(|one| one == known),
            "{known} is reached: {readers:?}"
        );
    }
}

/// The same of what is posted: every route that posts is asked with what it takes, as far as it can give a resident's data.
#[tokio::test(flavor = "multi_thread")]
async fn every_post_that_gives_residents_data_writes_an_entry() {
    let desk = Desk::new().await;
    let document: Value = serde_json::from_str(&document().to_json().unwrap()).unwrap();
    let fields = [
        ("csrf", desk.csrf.as_str()),
        ("q", "見本"),
        ("from", "received"),
        ("to", "done"),
        ("key", "persons[A].name"),
        ("text", ""),
        ("event", "move_in"),
        ("date", "2026-04-20"),
        ("role", "self"),
        ("birth_date", "1988-04-01"),
    ];
    let mut readers = Vec::new();
    for (pattern, methods) in document["paths"].as_object().unwrap() {
        let leaves = pattern.ends_with("/log-out");
        let posts = &methods["post"]["requestBody"]["content"];
        if leaves
            || !posts["application/x-www-form-urlencoded"].is_object()
            || !pattern.starts_with("/console/")
        {
            continue;
        }
        let path = desk.path(pattern);
        let ask = form(&desk.town, &desk.session, &path, &fields);
        let (answer, entries) = desk.asked(ask).await;
        let text = String::from_utf8_lossy(&answer.body);
        if NAMES.iter().any(|name| text.contains(name)) {
            assert!(
                !entries.is_empty(),
                "POST {pattern} gives data without an entry"
            );
            readers.push(pattern.clone());
        }
    }
    let found = "/console/{tenant}/find".to_owned();
    assert!(readers.contains(&found) && readers.len() > 2, "{readers:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn entries_name_each_application_that_was_read() {
    let desk = Desk::new().await;
    let claim = json!({"claim": "00000000-0000-0000-0000-0000000000aa"});
    let store = &desk.town.cloud.store;
    let (job, now) = (uuid::Uuid::from_u128(5), crate::card::now());
    let id = kiosk_api::ApplicationId(ID.parse().unwrap());
    let queued = store
        .enqueue_job(&TOWN.parse().unwrap(), job, id, now)
        .await;
    assert!(queued.unwrap());
    let robot = || {
        bearer(
            &desk.town,
            "POST",
            "/v1/990019/jobs/claim",
            &desk.token,
            Some(claim.clone()),
        )
    };
    for time in ["first", "again, since the answer was lost"] {
        let (answer, entries) = desk.asked(robot()).await;
        assert_eq!(answer.status, 200, "{time}");
        assert!(
            entries
                .iter()
                .any(|one| one.event == "handed_off" && one.object == ID),
            "{time}"
        );
    }
    let (_, entries) = desk.asked(desk.get("/v1/{tenant}/sheets/{sheet}")).await;
    assert!(entries[0].detail.contains(ID), "{}", entries[0].detail);
    let fields = [("csrf", desk.csrf.as_str()), ("q", "見本")];
    let search = form(&desk.town, &desk.session, "/console/990019/find", &fields);
    let (_, entries) = desk.asked(search).await;
    assert!(entries[0].detail.contains(ID) && !entries[0].detail.contains('見'));
}
