//! Applications, editions, heartbeats, staff calls; and what every route does with bad input.

use application::{
    APPLICATION_VERSION, Application, CardCheck, FormUse, Signature, Source, ValueSet,
};
use axum::body::Body;
use axum::http::Request;
use guidance::{Due, Level, Line, Plan, Words};
use kiosk_api::{ApplicationId, Entropy, LARGEST_BODY, SealedApplication, SignedEdition};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::town::{Choice, OTHER, TOWN, Town, get, post, post_bytes, send, town};

/// A plan of one line: the moving-in notification, due on 11 May 2026.
pub(crate) fn moving_in() -> Plan {
    let mut plan = Plan::empty(jiff::civil::date(2026, 4, 27));
    plan.lines.push(Line {
        procedure: "tennyu".to_owned(),
        title: Words::from_pairs([("ja", "転入届"), ("en", "Moving-in notification")]),
        level: Level::Must,
        persons: Vec::new(),
        due: Due::On {
            date: jiff::civil::date(2026, 5, 11),
            overdue: false,
        },
        counter: "resident_record".to_owned(),
        hours: None,
        bring: Vec::new(),
        fee_yen: 0,
        grant_yen: None,
        form: None,
        statute: "住民基本台帳法第22条".to_owned(),
        source_seen: true,
        why: Vec::new(),
    });
    plan
}

pub(crate) fn application(id: u128) -> Application {
    let mut values = ValueSet::default();
    values.set("persons[A].name", "見本　花子", Source::Core);
    values.set("persons[A].name_kana", "ミホン　ハナコ", Source::Core);
    values.set("applicant.phone", "0312345678", Source::Resident);
    Application {
        version: APPLICATION_VERSION,
        id: Uuid::from_u128(id).to_string(),
        tenant: TOWN.to_owned(),
        kiosk: "kiosk-1".to_owned(),
        reception: Some(
            application::reception_number(3, jiff::civil::date(2026, 4, 27), 15).unwrap(),
        ),
        as_of: jiff::civil::date(2026, 4, 27),
        event: "move_in".to_owned(),
        language: "ja".to_owned(),
        applicant: Some("A".to_owned()),
        facts: json!({"as_of": "2026-04-27", "event": {"kind": "move_in"}}),
        plan: moving_in(),
        forms: vec![FormUse {
            form: "resident_record_change".to_owned(),
            persons: vec!["A".to_owned()],
        }],
        values,
        forms_edition: None,
        signature: Signature::OnPaper,
        card: CardCheck::Verified,
        notes: Vec::new(),
    }
}

/// How many applications the cloud holds of the town.
async fn stored(town: &Town) -> i64 {
    let store = &town.cloud.store;
    store
        .count_applications(&TOWN.parse().unwrap())
        .await
        .unwrap()
}

pub(crate) fn seal(town: &Town, application: &Application, id: u128, seed: u8) -> Value {
    let sealed = SealedApplication::seal(
        application,
        TOWN.parse().unwrap(),
        application.kiosk.parse().unwrap(),
        ApplicationId(Uuid::from_u128(id)),
        ("2026-1", &town.sealing.public()),
        Entropy::new([seed; 32]),
    );
    serde_json::to_value(sealed.ok().unwrap()).unwrap()
}

const APPLICATIONS: &str = "/v1/990019/applications";

#[tokio::test]
async fn the_same_application_twice_is_once() {
    let town = town().await;
    let sealed = seal(&town, &application(1), 1, 1);
    let first = post(town.kiosk(), APPLICATIONS, &sealed).await;
    assert_eq!(
        (first.status.as_u16(), first.json()["repeated"].clone()),
        (201, json!(false)),
        "{}",
        first.text()
    );
    for again in [sealed, seal(&town, &application(1), 1, 2)] {
        let answer = post(town.kiosk(), APPLICATIONS, &again).await;
        assert_eq!(
            (answer.status.as_u16(), answer.json()["repeated"].clone()),
            (200, json!(true))
        );
        assert_eq!(answer.json()["received_at"], first.json()["received_at"]);
    }
    assert_eq!(stored(&town).await, 1);
}

#[tokio::test]
async fn another_application_under_the_same_id_is_refused() {
    let town = town().await;
    post(
        town.kiosk(),
        APPLICATIONS,
        &seal(&town, &application(1), 1, 1),
    )
    .await;
    let mut other = application(1);
    other
        .values
        .set("persons[A].name", "別　人", Source::Resident);
    let answer = post(town.kiosk(), APPLICATIONS, &seal(&town, &other, 1, 1)).await;
    assert_eq!(answer.problem(), "application_conflict");
}

#[tokio::test]
async fn envelopes_that_cannot_be_are_refused_and_not_stored() {
    let town = town().await;
    let good = seal(&town, &application(1), 1, 1);
    let changed = |key: &str, value: Value| {
        let mut sealed = good.clone();
        sealed[key] = value;
        sealed
    };
    let mut no_number = application(1);
    no_number.reception = Some("03-260427-0015-0".to_owned());
    let mut odd_event = application(1);
    odd_event.event = "holi day".to_owned();
    let cases = [
        (changed("ciphertext", json!("AAAA")), "envelope_refused"),
        (changed("key_id", json!("2019-1")), "envelope_refused"),
        (changed("version", json!(9)), "envelope_refused"),
        (changed("id", json!(Uuid::from_u128(2))), "envelope_refused"),
        (seal(&town, &no_number, 1, 1), "envelope_refused"),
        (seal(&town, &odd_event, 1, 1), "envelope_refused"),
        (changed("kiosk", json!("kiosk-2")), "not_found"),
        (changed("tenant", json!(OTHER)), "not_found"),
        (changed("extra", json!(1)), "malformed_request"),
        (changed("suite", json!("rot13")), "malformed_request"),
        (changed("ciphertext", json!("見本")), "malformed_request"),
    ];
    for (sealed, code) in cases {
        let answer = post(town.kiosk(), APPLICATIONS, &sealed).await;
        assert_eq!(answer.problem(), code);
        assert!(!answer.text().contains("見本"));
    }
    assert_eq!(stored(&town).await, 0);
}

#[tokio::test]
async fn the_sealing_key_is_the_towns() {
    let town = town().await;
    let answer = get(town.kiosk(), "/v1/990019/sealing-key").await;
    let signed: kiosk_api::SignedSealingKey = serde_json::from_slice(&answer.body).unwrap();
    assert_eq!(
        (signed.key.key_id.as_str(), &signed.key.public_key.0),
        ("2026-1", &town.sealing.public().to_bytes())
    );
    let text = std::fs::read_to_string(town.folder.path().join("edition.pub")).unwrap();
    let key = base64::Engine::decode(&base64::engine::general_purpose::STANDARD, text.trim());
    let keys = [("k1".to_owned(), key.unwrap())];
    let verify = cloud_api::editions::verify_ed25519;
    assert!(signed.open(&signed.tenant, None, &keys, verify).is_ok());
}

#[tokio::test]
async fn editions_come_once_by_tag() {
    let town = Town::new(Choice {
        editions: true,
        ..Choice::default()
    })
    .await;
    for path in ["/v1/990019/catalogue", "/v1/990019/forms"] {
        let answer = get(town.kiosk(), path).await;
        assert_eq!(answer.status, 200);
        let signed: SignedEdition = serde_json::from_slice(&answer.body).unwrap();
        let tag = answer.headers["etag"].to_str().unwrap();
        assert_eq!(tag, signed.etag());
        for known in [tag.to_owned(), format!("\"old\", W/{tag}"), "*".to_owned()] {
            let request = Request::get(path)
                .header("if-none-match", known)
                .body(Body::empty())
                .unwrap();
            let answer = send(town.kiosk(), request).await;
            assert_eq!((answer.status.as_u16(), answer.body.len()), (304, 0));
        }
        let request = Request::get(path)
            .header("if-none-match", "\"old\"")
            .body(Body::empty())
            .unwrap();
        assert_eq!(send(town.kiosk(), request).await.status, 200);
    }
    let other = town.device(Some((OTHER, "kiosk-1")));
    assert_eq!(
        get(other, "/v1/990027/catalogue").await.problem(),
        "edition_missing"
    );
}

#[tokio::test]
async fn a_bad_edition_leaves_the_last_good_one() {
    let town = Town::new(Choice {
        editions: true,
        ..Choice::default()
    })
    .await;
    let before = get(town.kiosk(), "/v1/990019/catalogue").await;
    let folder = town.folder.path().join("catalogue");
    let mut signed: SignedEdition = serde_json::from_slice(&before.body).unwrap();
    signed.content.signed_at += jiff::SignedDuration::from_hours(1);
    std::fs::write(folder.join("2.json"), serde_json::to_vec(&signed).unwrap()).unwrap();
    std::fs::write(folder.join("3.json"), "{").unwrap();
    assert_eq!(
        get(town.kiosk(), "/v1/990019/catalogue").await.body,
        before.body
    );
}

#[tokio::test]
async fn heartbeats_and_calls() {
    let town = Town::new(Choice {
        editions: true,
        ..Choice::default()
    })
    .await;
    let beat = json!({
        "at": "2026-04-27T01:00:00Z", "software": "0.1.0", "catalogue": null, "forms": null, "outbox": 4,
        "parts": [{"part": "form_printer", "state": "stopped"}], "events": [{"kind": "card_read", "count": 1}],
    });
    let answer = post(town.kiosk(), "/v1/990019/heartbeat", &beat).await;
    assert_eq!(answer.status, 200);
    let tag = get(town.kiosk(), "/v1/990019/forms").await.headers["etag"]
        .to_str()
        .unwrap()
        .to_owned();
    assert_eq!(answer.json()["forms_etag"], tag);
    let call = json!({"id": Uuid::from_u128(1), "at": "2026-04-27T01:00:00Z", "reason": "asked"});
    for _ in 0..2 {
        assert_eq!(
            post(town.kiosk(), "/v1/990019/staff-calls", &call)
                .await
                .status,
            204
        );
    }
    let page = crate::people::look(
        &town,
        &crate::people::clerk_of(&town, TOWN).await,
        "/console/990019",
    )
    .await
    .text();
    assert!(page.contains("A4プリンター：停止"));
    assert_eq!(page.matches("利用者が職員を呼んでいます").count(), 1);
}

/// Every POST of the device API with a body.
const POSTS: [&str; 4] = [
    "/v1/990019/household",
    APPLICATIONS,
    "/v1/990019/heartbeat",
    "/v1/990019/staff-calls",
];

#[tokio::test]
async fn bad_bodies_are_problems_on_every_route() {
    let town = town().await;
    for path in POSTS {
        let cases: [(&str, Vec<u8>, &str); 6] = [
            ("application/json", b"{".to_vec(), "malformed_request"),
            (
                "application/json",
                b"\xff\xfe".to_vec(),
                "malformed_request",
            ),
            (
                "application/json",
                b"{\"name\": \"secret\"}".to_vec(),
                "malformed_request",
            ),
            ("application/json", b"[".repeat(10_000), "malformed_request"),
            ("text/plain", b"{}".to_vec(), "wrong_content_type"),
            (
                "application/json",
                vec![b' '; LARGEST_BODY + 1],
                "too_large",
            ),
        ];
        for (kind, body, code) in cases {
            let answer = post_bytes(town.kiosk(), path, kind, body).await;
            assert_eq!(answer.problem(), code, "{path}");
            assert!(
                !answer.text().contains("secret"),
                "a value must not come back"
            );
        }
        assert_eq!(
            get(town.kiosk(), path).await.problem(),
            "method_not_allowed"
        );
    }
}

#[tokio::test]
async fn only_enrolled_kiosks_and_only_to_their_own_town() {
    let town = town().await;
    let gets = [
        "/v1/990019/catalogue",
        "/v1/990019/forms",
        "/v1/990019/sealing-key",
    ];
    for (peer, code) in [
        (None, "kiosk_unknown"),
        (Some((TOWN, "kiosk-9")), "kiosk_unknown"),
        (Some((OTHER, "kiosk-1")), "not_found"),
    ] {
        for path in gets {
            assert_eq!(get(town.device(peer), path).await.problem(), code, "{path}");
        }
        for path in POSTS {
            assert_eq!(
                post(town.device(peer), path, &json!({})).await.problem(),
                code,
                "{path}"
            );
        }
    }
    assert_eq!(
        get(town.kiosk(), "/v1/131016/sealing-key").await.problem(),
        "not_found"
    );
    assert_eq!(
        get(town.kiosk(), "/v1/nonsense/sealing-key")
            .await
            .problem(),
        "not_found"
    );
    assert_eq!(
        get(town.kiosk(), "/console/990019").await.problem(),
        "not_found",
        "no console on the device listener"
    );
}
