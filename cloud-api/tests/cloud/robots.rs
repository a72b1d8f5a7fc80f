//! Robots and other services at the hand-off's API.

use cloud_api::clock::Clock as _;
use cloud_store::Scope;
use jiff::SignedDuration;
use kiosk_api::ApplicationId;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::clients::{add, token};
use crate::device_api::{application, seal};
use crate::imported::code;
use crate::town::{Answer, Choice, OTHER, TOWN, Town, bearer, post};

struct Desk {
    town: Town,
    /// With every scope.
    token: String,
}

impl Desk {
    /// A town with this many applications, each a job.
    async fn new(jobs: u128) -> Self {
        let town = Town::new(Choice {
            editions: true,
            ..Choice::default()
        })
        .await;
        for number in 1..=jobs {
            let mut one = application(number);
            let serial = u16::try_from(number).unwrap();
            let day = jiff::civil::date(2026, 4, 27);
            one.reception = Some(application::reception_number(3, day, serial).unwrap());
            let sealed = seal(&town, &one, number, 1);
            assert_eq!(
                post(town.kiosk(), "/v1/990019/applications", &sealed)
                    .await
                    .status,
                201
            );
            let (id, at) = (Uuid::from_u128(number), town.clock.now());
            let store = &town.cloud.store;
            assert!(
                store
                    .enqueue_job(&code(), id, ApplicationId(id), at)
                    .await
                    .unwrap()
            );
        }
        town.look_up().await;
        let secret = add(&town, TOWN, "robot", Scope::ALL).await;
        let token = token(&town, TOWN, "robot", &secret).await;
        Self { town, token }
    }

    async fn ask(&self, method: &str, path: &str, token: &str, body: Option<Value>) -> Answer {
        bearer(&self.town, method, path, token, body).await
    }

    async fn get(&self, path: &str) -> Answer {
        self.ask("GET", &format!("/v1/990019/{path}"), &self.token, None)
            .await
    }

    async fn post(&self, path: &str, body: Value) -> Answer {
        self.ask(
            "POST",
            &format!("/v1/990019/{path}"),
            &self.token,
            Some(body),
        )
        .await
    }

    async fn claim(&self, word: u128) -> Answer {
        self.post("jobs/claim", json!({"claim": Uuid::from_u128(word)}))
            .await
    }
}

#[tokio::test]
async fn a_robot_claims_renews_and_finishes() {
    let desk = Desk::new(1).await;
    let job = desk.claim(1).await;
    assert_eq!(job.status, 200, "{}", job.text());
    let job = job.json();
    assert_eq!(job["attempts"], 1);
    let values = job["document"]["values"].as_array().unwrap();
    let name = values
        .iter()
        .find(|one| one["key"] == "persons[A].name")
        .unwrap();
    assert_eq!(
        (&name["text"], &name["source"]),
        (&json!("見本　花子"), &json!("core"))
    );
    assert_eq!(
        desk.claim(1).await.json()["job"],
        job["job"],
        "the answer was lost"
    );
    assert_eq!(desk.claim(2).await.status, 204, "nothing else waits");

    let path = |what: &str| format!("jobs/{}/{what}", job["job"].as_str().unwrap());
    let word = |word: u128| json!({"claim": Uuid::from_u128(word), "lease_seconds": 600});
    desk.town
        .clock
        .set(desk.town.clock.now() + SignedDuration::from_secs(60));
    let renewed = desk.post(&path("renew"), word(1)).await.json();
    assert!(renewed["lease_until"].as_str() > job["lease_until"].as_str());
    assert_eq!(
        desk.post(&path("renew"), word(2)).await.problem(),
        "taken_by_other"
    );
    let finish =
        |word: u128, result: &str| json!({"claim": Uuid::from_u128(word), "result": result});
    assert_eq!(
        desk.post(&path("finish"), finish(2, "done"))
            .await
            .problem(),
        "taken_by_other"
    );
    for _ in 0..2 {
        let ended = desk.post(&path("finish"), finish(1, "done")).await;
        assert_eq!(
            (ended.status.as_u16(), &ended.json()["state"]),
            (200, &json!("done"))
        );
    }
    assert_eq!(
        desk.post(&path("finish"), finish(1, "returned"))
            .await
            .problem(),
        "taken_by_other"
    );
    let nowhere = format!("jobs/{}/finish", Uuid::from_u128(99));
    assert_eq!(
        desk.post(&nowhere, finish(1, "done")).await.problem(),
        "not_found"
    );
}

#[tokio::test]
async fn what_a_robot_says_wrong() {
    let desk = Desk::new(1).await;
    let job = desk.claim(1).await.json();
    let path = format!("jobs/{}/finish", job["job"].as_str().unwrap());
    let claim = Uuid::from_u128(1);
    for reason in [
        None,
        Some(""),
        Some("見本　花子さんの字が出ない"),
        Some("A B"),
    ] {
        let body = json!({"claim": claim, "result": "failed", "reason": reason});
        assert_eq!(
            desk.post(&path, body).await.problem(),
            "invalid_document",
            "{reason:?}"
        );
    }
    let short = json!({"claim": claim, "lease_seconds": 9});
    assert_eq!(
        desk.post("jobs/claim", short).await.problem(),
        "invalid_document"
    );
    for malformed in [
        json!({}),
        json!({"claim": "x"}),
        json!({"claim": claim, "more": 1}),
    ] {
        assert_eq!(
            desk.post("jobs/claim", malformed).await.problem(),
            "malformed_request"
        );
    }
    let body = json!({"claim": claim, "result": "failed", "reason": "no_glyph"});
    assert_eq!(desk.post(&path, body).await.json()["state"], "failed");
    assert_eq!(
        desk.claim(2).await.status,
        204,
        "a failed job waits for a person"
    );
}

#[tokio::test]
async fn a_job_that_cannot_be_opened_does_not_hold_up_the_others() {
    let desk = Desk::new(1).await;
    let store = &desk.town.cloud.store;
    let early = desk.town.clock.now() - SignedDuration::from_secs(9);
    let nothing = ApplicationId(Uuid::from_u128(77));
    store
        .enqueue_job(&code(), Uuid::from_u128(77), nothing, early)
        .await
        .unwrap();
    assert_eq!(desk.claim(1).await.json()["job"], json!(Uuid::from_u128(1)));
    let failed = store.jobs(&code(), 9).await.unwrap();
    let failed = failed.iter().find(|job| job.id.as_u128() == 77).unwrap();
    assert_eq!(failed.reason.as_deref(), Some("unreadable"));
}

#[tokio::test]
async fn lists_page_and_name_nobody() {
    let desk = Desk::new(3).await;
    let page = desk.get("applications").await;
    assert_eq!(page.status, 200, "{}", page.text());
    assert!(!page.text().contains("見本"));
    let page = page.json();
    let receptions: Vec<&str> = page["applications"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["reception"].as_str().unwrap())
        .collect();
    assert_eq!(receptions.len(), 3);
    let next = page["next"].as_str().unwrap();
    let rest = desk.get(&format!("applications?after={next}")).await.json();
    assert_eq!(
        (&rest["applications"], &rest["next"]),
        (&json!([]), &json!(next))
    );
    let none = desk.get("applications?state=done").await.json();
    assert_eq!(none["applications"], json!([]));
    for wrong in ["after=x", "after=1.x", "state=a&state=b", "page=2"] {
        let answer = desk.get(&format!("applications?{wrong}")).await;
        assert_eq!(answer.problem(), "malformed_request", "{wrong}");
    }

    let one = desk
        .get(&format!("applications/{}", receptions[1]))
        .await
        .json();
    assert_eq!(one["document"]["reception"], receptions[1]);
    assert_eq!(one["state"], "received");
    for nobody in ["03-260427-9999-1", "x", "..%2f"] {
        let answer = desk.get(&format!("applications/{nobody}")).await;
        assert_eq!(answer.problem(), "not_found", "{nobody}");
    }
}

#[tokio::test]
async fn a_service_moves_an_application_as_the_counter_does() {
    let desk = Desk::new(1).await;
    let day = jiff::civil::date(2026, 4, 27);
    let reception = application::reception_number(3, day, 1).unwrap();
    let path = format!("/v1/990019/applications/{reception}/state");
    let put = async |body: Value| desk.ask("PUT", &path, &desk.token, Some(body)).await;
    for (from, to, reason, problem) in [
        ("received", "gone", None, "invalid_document"),
        ("nowhere", "done", None, "invalid_document"),
        ("received", "returned", None, "invalid_document"),
        (
            "received",
            "returned",
            Some("花子さんが不在"),
            "invalid_document",
        ),
        ("received", "confirmed", Some("other"), "invalid_document"),
        ("received", "done", None, "state_conflict"),
        ("confirmed", "done", None, "state_conflict"),
    ] {
        let answer = put(json!({"from": from, "to": to, "reason": reason})).await;
        assert_eq!(answer.problem(), problem, "{from} {to} {reason:?}");
    }
    let confirmed = put(json!({"from": "received", "to": "confirmed"})).await;
    assert_eq!(confirmed.status, 200, "{}", confirmed.text());
    assert_eq!(
        confirmed.json(),
        json!({"reception": reception, "state": "confirmed"})
    );
    let returned = json!({"from": "confirmed", "to": "returned", "reason": "papers_missing"});
    assert_eq!(put(returned.clone()).await.json()["state"], "returned");
    assert_eq!(
        put(returned).await.problem(),
        "state_conflict",
        "it moved before"
    );
    let state = desk.get("applications?state=returned").await.json();
    assert_eq!(state["applications"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_sheet_is_csv_for_a_spreadsheet() {
    let desk = Desk::new(2).await;
    let sheet = desk.get("sheets/resident_change?state=received").await;
    assert_eq!(sheet.headers["content-type"], "text/csv; charset=utf-8");
    assert!(sheet.body.starts_with(b"\xEF\xBB\xBF"));
    assert_eq!(sheet.text().matches("見本　花子").count(), 2);
    let next = sheet.headers["genkan-next"].to_str().unwrap();
    let rest = desk
        .get(&format!("sheets/resident_change?after={next}"))
        .await;
    assert_eq!(rest.text().lines().count(), 1, "the heading");
    assert_eq!(desk.get("sheets/shoes").await.problem(), "not_found");
}

#[tokio::test]
async fn each_route_asks_for_its_scope_and_its_town() {
    let desk = Desk::new(1).await;
    let secret = add(&desk.town, TOWN, "other", &[Scope::Guidance]).await;
    let guidance = token(&desk.town, TOWN, "other", &secret).await;
    let secret = add(&desk.town, OTHER, "foreign", Scope::ALL).await;
    let foreign = token(&desk.town, OTHER, "foreign", &secret).await;
    let claim = json!({"claim": Uuid::from_u128(1)});
    let finish = json!({"claim": Uuid::from_u128(1), "result": "done"});
    let job = Uuid::from_u128(1);
    let routes = [
        ("POST", "jobs/claim".to_owned(), Some(claim.clone())),
        ("POST", format!("jobs/{job}/renew"), Some(claim)),
        ("POST", format!("jobs/{job}/finish"), Some(finish)),
        ("GET", "applications".to_owned(), None),
        (
            "GET",
            format!("applications/{}", application(1).reception.unwrap()),
            None,
        ),
        ("GET", "sheets/card_face".to_owned(), None),
        (
            "PUT",
            format!("applications/{}/state", application(1).reception.unwrap()),
            Some(json!({"from": "received", "to": "confirmed"})),
        ),
    ];
    for (method, path, body) in routes {
        let path = format!("/v1/990019/{path}");
        for (token, problem) in [
            (&guidance, "not_allowed"),
            (&foreign, "not_found"),
            (&"x".to_owned(), "token_required"),
        ] {
            let answer = desk.ask(method, &path, token, body.clone()).await;
            assert_eq!(answer.problem(), problem, "{method} {path}");
        }
    }
}

#[tokio::test]
async fn an_auditor_sees_each_step() {
    let desk = Desk::new(1).await;
    let job = desk.claim(1).await.json();
    let path = format!("jobs/{}/finish", job["job"].as_str().unwrap());
    desk.post(
        &path,
        json!({"claim": Uuid::from_u128(1), "result": "done"}),
    )
    .await;
    let day = jiff::civil::date(2026, 4, 27);
    let reception = application::reception_number(3, day, 1).unwrap();
    desk.get(&format!("applications/{reception}")).await;
    desk.get("sheets/certificate").await;
    let url = format!(
        "sqlite:{}",
        desk.town.folder.path().join("cloud.sqlite").display()
    );
    let pool = sqlx::SqlitePool::connect(&url).await.unwrap();
    let deeds: Vec<(String, String, String)> = sqlx::query_as(
        "SELECT deed, actor, detail FROM audit WHERE tenant = '990019' ORDER BY seq",
    )
    .fetch_all(&pool)
    .await
    .unwrap();
    pool.close().await;
    let words: Vec<&str> = deeds.iter().map(|(deed, ..)| deed.as_str()).collect();
    for deed in ["job_taken", "job_finished", "opened", "handed_off"] {
        assert!(words.contains(&deed), "{words:?}");
    }
    let taken = deeds.iter().find(|(deed, ..)| deed == "job_taken").unwrap();
    assert_eq!(taken.1, "robot");
    assert!(deeds.iter().all(|(.., detail)| !detail.contains("見本")));
}
