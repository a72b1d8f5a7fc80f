//! What other services ask for: the catalogue in use, and what happened to applications.

use std::collections::BTreeMap;

use axum::body::Body;
use axum::http::Request;
use cloud_api::clock::Clock as _;
use cloud_api::webhooks::{SigningSecret, Webhook};
use cloud_store::audit::{Actor, AuditEvent, AuditRecord};
use cloud_store::{EventRow, FeedCursor, Realm, Scope, Store};
use guidance::ParameterValue;
use jiff::SignedDuration;
use kiosk_api::{Edition, EditionKind};
use serde_json::{Value, json};

use crate::card::now;
use crate::clients::{add, token};
use crate::device_api::{application, seal};
use crate::imported::code;
use crate::inbox::new;
use crate::postgres::Cluster;
use crate::town::{Answer, Choice, OTHER, TOWN, Town, assets, bearer, post, publish, send};

struct Desk {
    town: Town,
    /// With every scope.
    token: String,
}

impl Desk {
    async fn new(choice: Choice) -> Self {
        let town = Town::new(choice).await;
        let secret = add(&town, TOWN, "site", Scope::ALL).await;
        let token = token(&town, TOWN, "site", &secret).await;
        Self { town, token }
    }

    async fn published() -> Self {
        Self::new(Choice {
            editions: true,
            ..Choice::default()
        })
        .await
    }

    async fn get(&self, path: &str) -> Answer {
        let path = format!("/v1/990019/{path}");
        bearer(&self.town, "GET", &path, &self.token, None).await
    }

    async fn unless(&self, path: &str, tags: &str) -> Answer {
        let request = Request::get(format!("/v1/990019/{path}"))
            .header("authorization", format!("Bearer {}", self.token))
            .header("if-none-match", tags);
        send(self.town.office(), request.body(Body::empty()).unwrap()).await
    }

    async fn submit(&self, id: u128) -> String {
        let mut one = application(id);
        let (day, serial) = (jiff::civil::date(2026, 4, 27), u16::try_from(id).unwrap());
        let number = application::reception_number(3, day, serial).unwrap();
        one.reception = Some(number.clone());
        let sealed = seal(&self.town, &one, id, 1);
        let answer = post(self.town.kiosk(), "/v1/990019/applications", &sealed).await;
        assert_eq!(answer.status, 201);
        self.town.look_up().await;
        number
    }

    /// Moves an application a second later, as a service does.
    async fn moves(&self, number: &str, from: &str, to: &str) {
        self.town
            .clock
            .set(self.town.clock.now() + SignedDuration::from_secs(1));
        let reason = (to == "returned").then_some("other");
        let body = json!({"from": from, "to": to, "reason": reason});
        let path = format!("/v1/990019/applications/{number}/state");
        let moved = bearer(&self.town, "PUT", &path, &self.token, Some(body)).await;
        assert_eq!(moved.status, 200, "{}", moved.text());
    }
}

fn ids(list: &Value) -> Vec<String> {
    let list = list.as_array().unwrap().iter();
    list.map(|one| one["id"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn the_catalogue_in_use_comes_whole() {
    let desk = Desk::published().await;
    let answer = desk.get("catalogue/contents").await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let (contents, published) = (
        answer.json(),
        desk.town.cloud.tenant(TOWN).unwrap().edition().unwrap(),
    );
    let catalogue = &published.value;
    let edition = &contents["edition"];
    assert_eq!(edition["digest"], catalogue.digest());
    assert_eq!(edition["name"], catalogue.edition().name);
    let document = catalogue.document();
    let events: Vec<_> = document.event.iter().map(|one| one.id.clone()).collect();
    assert_eq!(ids(&contents["life_events"]), events, "in their order");
    let procedures: Vec<_> = catalogue
        .procedures()
        .iter()
        .map(|one| one.id.clone())
        .collect();
    assert_eq!(ids(&contents["procedures"]), procedures);
    for (key, expected) in [
        ("counters", document.counter.len()),
        ("items", document.item.len()),
        ("parameters", document.parameter.len()),
    ] {
        assert!(expected > 0);
        assert_eq!(contents[key].as_array().unwrap().len(), expected, "{key}");
    }
    // Amounts and hours are what the town has set, not the parameters' names.
    for counter in contents["counters"].as_array().unwrap() {
        let hours = counter["hours"].as_str().unwrap();
        assert!(hours.contains(':') && !hours.contains("tenant."), "{hours}");
    }
    let whole = contents["procedures"].as_array().unwrap();
    let copy = whole
        .iter()
        .find(|one| one["id"] == "cert_juminhyo")
        .unwrap();
    let fee = document
        .parameter
        .iter()
        .find(|one| one.id == "cert_fee_juminhyo")
        .unwrap();
    assert_eq!(
        ParameterValue::Count(copy["fee_yen"].as_i64().unwrap()),
        fee.default
    );
    let due = copy["rules"][0]["due"].as_object().unwrap();
    assert_eq!(json!(due), json!({"kind": "none"}));
    let claim = whole
        .iter()
        .find(|one| one["id"] == "jidou_teate_claim")
        .unwrap();
    assert_eq!(
        claim["rules"][0]["due"],
        json!({"kind": "on", "count": 15, "unit": "days", "from": "event.date", "first_day": "excluded", "office": "municipal"})
    );
}

#[tokio::test]
async fn one_event_or_procedure_comes_with_what_belongs_to_it() {
    let desk = Desk::published().await;
    let contents = desk.get("catalogue/contents").await.json();
    for event in contents["life_events"].as_array().unwrap() {
        let id = event["id"].as_str().unwrap();
        let one = desk
            .get(&format!("catalogue/life-events/{id}"))
            .await
            .json();
        assert_eq!(one["life_event"], *event);
        assert_eq!(json!(ids(&one["procedures"])), event["procedures"], "{id}");
        assert!(!one["procedures"].as_array().unwrap().is_empty(), "{id}");
        for procedure in one["procedures"].as_array().unwrap() {
            let rules = procedure["rules"].as_array().unwrap();
            assert!(rules.iter().any(|rule| rule["event"] == id));
        }
    }
    for procedure in contents["procedures"].as_array().unwrap() {
        let id = procedure["id"].as_str().unwrap();
        let one = desk.get(&format!("catalogue/procedures/{id}")).await.json();
        assert_eq!(one["procedure"], *procedure);
        assert_eq!(one["counter"]["id"], procedure["counter"], "{id}");
        let bring = procedure["bring"].as_array().unwrap();
        let items = ids(&one["items"]);
        assert!(
            bring
                .iter()
                .all(|one| items.contains(&one["item"].as_str().unwrap().to_owned()))
        );
    }
    for nothing in ["life-events/shoes", "procedures/shoes", "procedures/..%2fx"] {
        let answer = desk.get(&format!("catalogue/{nothing}")).await;
        assert_eq!(answer.problem(), "not_found", "{nothing}");
    }
    let other = Desk::new(Choice::default()).await;
    assert_eq!(
        other.get("catalogue/contents").await.problem(),
        "edition_missing"
    );
}

#[tokio::test]
async fn what_has_not_changed_is_not_sent_again() {
    let desk = Desk::published().await;
    let mut tags = BTreeMap::new();
    let paths = [
        "catalogue/contents",
        "catalogue/life-events/move_in",
        "catalogue/procedures/cert_juminhyo",
    ];
    for path in paths {
        let tag = desk.get(path).await.headers["etag"]
            .to_str()
            .unwrap()
            .to_owned();
        assert!(tag.starts_with('"') && tag.ends_with('"'));
        for named in [tag.clone(), format!("\"x\", W/{tag}"), "*".to_owned()] {
            let answer = desk.unless(path, &named).await;
            assert_eq!(
                (answer.status.as_u16(), answer.body.len()),
                (304, 0),
                "{named}"
            );
            assert_eq!(answer.headers["etag"], tag);
        }
        assert_eq!(desk.unless(path, "\"x\"").await.status, 200);
        tags.insert(path, tag);
    }
    let mut content = Edition {
        kind: EditionKind::Catalogue,
        tenant: code(),
        edition: "2026-05-01.1".to_owned(),
        signed_at: now() + SignedDuration::from_secs(1),
        files: cloud_api::signing::edition_files(&assets("catalogue")).unwrap(),
    };
    for file in &mut content.files {
        file.text = file.text.replace("住民票の写し", "住民票のうつし");
    }
    publish(desk.town.folder.path(), content, "2.json");
    for path in paths {
        let answer = desk.unless(path, &tags[path]).await;
        assert_eq!(answer.status, 200, "{path}");
        assert!(answer.text().contains("住民票のうつし") || !path.ends_with("cert_juminhyo"));
    }
}

#[tokio::test]
async fn each_asks_for_its_scope_and_its_town() {
    let desk = Desk::published().await;
    let without = [Scope::Guidance, Scope::ApplicationsRead];
    let secret = add(&desk.town, TOWN, "other", &without).await;
    let without = token(&desk.town, TOWN, "other", &secret).await;
    let secret = add(&desk.town, OTHER, "foreign", Scope::ALL).await;
    let foreign = token(&desk.town, OTHER, "foreign", &secret).await;
    for path in [
        "catalogue/contents",
        "catalogue/life-events/move_in",
        "catalogue/procedures/cert_juminhyo",
        "events",
    ] {
        let path = format!("/v1/990019/{path}");
        for (token, problem) in [
            (&without, "not_allowed"),
            (&foreign, "not_found"),
            (&"x".to_owned(), "token_required"),
        ] {
            let answer = bearer(&desk.town, "GET", &path, token, None).await;
            assert_eq!(answer.problem(), problem, "{path}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_happened_is_polled_in_order_and_has_the_webhooks_ids() {
    happened(None).await;
    let cluster = Cluster::start();
    let store = crate::dba::opened(&cluster).await;
    happened(Some(store.clone())).await;
    store.close().await;
}

async fn happened(store: Option<Store>) {
    let hook = Webhook {
        id: "site".to_owned(),
        url: "https://hooks.example.jp/hook".parse().unwrap(),
        secret: SigningSecret::parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap(),
        events: Vec::new(),
    };
    let desk = Desk::new(Choice {
        editions: true,
        store,
        webhooks: vec![hook],
        ..Choice::default()
    })
    .await;
    let empty = desk.get("events").await.json();
    assert_eq!(empty, json!({"events": [], "next": null, "more": false}));
    let (one, two) = (desk.submit(1).await, desk.submit(2).await);
    desk.moves(&one, "received", "confirmed").await;
    let first = desk.get("events").await.json();
    desk.moves(&one, "confirmed", "returned").await;
    desk.moves(&one, "returned", "received").await;
    desk.moves(&one, "received", "confirmed").await;
    desk.moves(&one, "confirmed", "done").await;
    // Reading leaves notes in the trail, which are no events.
    desk.get(&format!("applications/{two}")).await;

    let all = desk.get("events").await.json();
    let told: Vec<(&str, &str)> = all["events"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            (
                one["type"].as_str().unwrap(),
                one["data"]["reception"].as_str().unwrap(),
            )
        })
        .collect();
    let (one, two) = (one.as_str(), two.as_str());
    assert_eq!(
        told,
        [
            ("application.received", one),
            ("application.received", two),
            ("application.confirmed", one),
            ("application.returned", one),
            ("application.confirmed", one),
            ("application.done", one),
        ],
        "what goes back to where it was is no event"
    );
    assert!(!all.to_string().contains("見本"), "names nobody");

    // From a place on, as often as one likes.
    let next = first["next"].as_str().unwrap();
    for _ in 0..2 {
        let rest = desk.get(&format!("events?after={next}")).await.json();
        assert_eq!(
            rest["events"].as_array().unwrap(),
            &all["events"].as_array().unwrap()[3..]
        );
        assert_eq!(rest["next"], all["next"]);
    }
    let end = all["next"].as_str().unwrap();
    let end = desk.get(&format!("events?after={end}")).await.json();
    assert_eq!(
        end,
        json!({"events": [], "next": all["next"], "more": false})
    );

    // Each has the id, the time and the content that a webhook gets.
    let mut webhooks = BTreeMap::new();
    let store = &desk.town.cloud.store;
    while let Some(sent) = store
        .take_delivery(&code(), desk.town.clock.now(), SignedDuration::from_mins(1))
        .await
        .unwrap()
    {
        let body: Value = serde_json::from_str(&sent.body).unwrap();
        webhooks.insert(sent.event, body);
    }
    let polled: BTreeMap<String, Value> = all["events"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            let mut body = one.clone();
            let id = body.as_object_mut().unwrap().remove("id").unwrap();
            (id.as_str().unwrap().to_owned(), body)
        })
        .collect();
    assert_eq!(polled, webhooks);

    for wrong in [
        "x",
        "1",
        "-1.0",
        "1.0000000000000000",
        "0.0000000000000000",
        "999999.00000000000000ff",
        "9.x",
    ] {
        let answer = desk.get(&format!("events?after={wrong}")).await;
        assert_eq!(answer.problem(), "malformed_request", "{wrong}");
    }
    assert_eq!(
        desk.get("events?since=1").await.problem(),
        "malformed_request"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn who_polls_while_others_write_misses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("a.sqlite").display());
    let store = Store::open(&url, None).await.unwrap();
    polled(&store).await;
    store.close().await;
    let cluster = Cluster::start();
    let store = crate::dba::opened(&cluster).await;
    polled(&store).await;
    store.close().await;
}

/// Four write applications and other notes; one reads in small pages all the while.
async fn polled(store: &Store) {
    const EACH: u128 = 40;
    let mut writers = tokio::task::JoinSet::new();
    for writer in 0..4 {
        let store = store.clone();
        writers.spawn(async move {
            for n in 0..EACH {
                let one = new(writer * EACH + n + 1, "田中　花子", now());
                store.insert_application(one).await.unwrap();
                let record = AuditRecord::new(now(), Actor::Service, AuditEvent::Listed);
                store.record(&Realm::Town(code()), &record).await.unwrap();
            }
        });
    }
    let (mut seen, mut place): (Vec<EventRow>, Option<FeedCursor>) = (Vec::new(), None);
    while seen.len() < 4 * usize::try_from(EACH).unwrap() {
        let page = store
            .events_after(&code(), place, 7)
            .await
            .unwrap()
            .unwrap();
        place = page.last().map(|row| row.cursor).or(place);
        seen.extend(page);
        tokio::task::yield_now().await;
    }
    writers.join_all().await;
    let mut applications: Vec<u128> = seen.iter().map(|row| row.application.0.as_u128()).collect();
    applications.sort_unstable();
    assert_eq!(
        applications,
        (1..=4 * EACH).collect::<Vec<_>>(),
        "each once"
    );
    let whole = store
        .events_after(&code(), None, 1000)
        .await
        .unwrap()
        .unwrap();
    assert!(seen == whole, "in the order that it has for ever");
    assert!(
        store
            .events_after(&code(), place, 7)
            .await
            .unwrap()
            .unwrap()
            .is_empty()
    );
    assert!(
        store
            .events_after(&OTHER.parse().unwrap(), place, 7)
            .await
            .unwrap()
            .is_none(),
        "another town's place is none here"
    );
}
