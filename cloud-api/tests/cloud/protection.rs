//! 支援措置 (JK-3.4): staff get an alert, machines get nothing until staff have seen it, and nothing that a resident sees, prints
//! or can time differs.

use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use application::{Application, Source};
use cloud_api::casework::lookup::LONGEST_WAIT;
use cloud_api::clock::Clock as _;
use cloud_api::core_system::{
    CoreError, CoreSystem, DemoCore, Found, HouseholdRecord, Later, Named,
};
use cloud_store::{Protection, Realm, Role, Scope, Store};
use jiff::SignedDuration;
use kiosk_api::{ApplicationId, FourItems};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::card::now;
use crate::clients::{add, token};
use crate::device_api::{application, seal};
use crate::imported::code;
use crate::people::{cookie_of, csrf, form, look};
use crate::postgres::Cluster;
use crate::town::{Answer, Choice, TOWN, Town, bearer, post, register};
use crate::work::ONE;

pub(crate) const SECOND: SignedDuration = SignedDuration::from_secs(1);

/// The register, behind a switch; it counts who is asked about.
pub(crate) struct Switched {
    demo: DemoCore,
    /// 0: well, 1: away, 2: never answers, 3: nonsense.
    fault: AtomicU8,
    asked: AtomicUsize,
    pub(crate) names: Mutex<Vec<String>>,
}

impl Switched {
    fn new(fault: u8) -> Arc<Self> {
        Arc::new(Self {
            demo: register(),
            fault: AtomicU8::new(fault),
            asked: AtomicUsize::new(0),
            names: Mutex::new(Vec::new()),
        })
    }

    fn becomes(&self, fault: u8) {
        self.fault.store(fault, Ordering::SeqCst);
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

impl CoreSystem for Switched {
    fn find<'a>(&'a self, items: &'a FourItems) -> Later<'a, Vec<Found>> {
        self.demo.find(items)
    }

    fn household<'a>(&'a self, id: &'a str) -> Later<'a, Option<HouseholdRecord>> {
        self.demo.household(id)
    }

    fn protects<'a>(&'a self, person: &'a Named) -> Later<'a, bool> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        self.names.lock().unwrap().push(person.name.clone());
        Box::pin(async move {
            match self.fault.load(Ordering::SeqCst) {
                0 => self.demo.protects(person).await,
                1 => Err(CoreError::Unreachable),
                2 => std::future::pending().await,
                _ => Err(CoreError::WrongAnswer("status 404".to_owned())),
            }
        })
    }
}

/// An application of 安全　光, who is protected, or of 見本　花子, who is not; alike in everything else.
pub(crate) fn of(protected: bool, id: u128) -> Application {
    let mut one = application(id);
    let (name, birth) = if protected {
        ("安全　光", "昭和57年2月2日")
    } else {
        ("見本　花子", "昭和63年4月1日")
    };
    one.values.set("persons[A].name", name, Source::Resident);
    one.values
        .set("persons[A].birth_date", birth, Source::Resident);
    one.reception = Some(
        application::reception_number(
            3,
            jiff::civil::date(2026, 4, 27),
            u16::try_from(id).unwrap(),
        )
        .unwrap(),
    );
    one
}

pub(crate) struct Desk {
    pub(crate) town: Town,
    pub(crate) core: Arc<Switched>,
}

impl Desk {
    pub(crate) async fn new(fault: u8, store: Option<Store>) -> Self {
        let core = Switched::new(fault);
        let town = Town::new(Choice {
            editions: true,
            core: Some(core.clone()),
            store,
            ..Choice::default()
        })
        .await;
        Self { town, core }
    }

    pub(crate) async fn submit(&self, application: &Application, id: u128) -> Answer {
        let sealed = seal(&self.town, application, id, 1);
        post(self.town.kiosk(), "/v1/990019/applications", &sealed).await
    }

    pub(crate) fn later(&self, by: SignedDuration) {
        self.town.clock.set(self.town.clock.now() + by);
    }

    pub(crate) async fn look_up(&self) -> usize {
        let tenant = &self.town.cloud.tenants[&code()];
        self.town.cloud.look_up_due(tenant).await.unwrap()
    }

    pub(crate) async fn known(&self, id: u128) -> Protection {
        let id = ApplicationId(Uuid::from_u128(id));
        let found = self.town.cloud.store.application(&code(), id).await;
        found.unwrap().unwrap().0.protection
    }

    /// Details of the trail's entries about lookups.
    async fn noted(&self) -> Vec<Value> {
        let store = &self.town.cloud.store;
        let trail = store.trail(&Realm::Town(code()), 1, 1000).await.unwrap();
        let about = trail.iter().filter(|entry| entry.event == "protected");
        about
            .map(|entry| {
                assert!(!entry.object.contains('安') && !entry.detail.contains('安'));
                let mut detail: Value = serde_json::from_str(&entry.detail).unwrap();
                for value in detail.as_object_mut().unwrap().values_mut() {
                    let word = value.as_str().unwrap_or_default();
                    assert!(Protection::from_word(word).is_none(), "not in plain text");
                    let realm = Realm::Town(code());
                    if let Some(answer) = store.answer_of(&realm, &entry.object, word) {
                        *value = answer.as_str().into();
                    }
                }
                detail
            })
            .collect()
    }
}

/// The two databases, each new.
async fn on_either(test: impl AsyncFn(Option<Store>)) {
    test(None).await;
    let cluster = Cluster::start();
    let store = crate::dba::opened(&cluster).await;
    test(Some(store.clone())).await;
    store.close().await;
}

#[tokio::test]
async fn the_receipt_is_the_same_bytes_and_waits_for_no_lookup() {
    let mut answers = Vec::new();
    for (protected, fault) in [(true, 0), (false, 0), (true, 2), (false, 1)] {
        let desk = Desk::new(fault, None).await;
        // Were the core system waited for, the one that never answers would hang this test.
        let answer = desk.submit(&of(protected, 1), 1).await;
        assert_eq!(answer.status, 201);
        let again = desk.submit(&of(protected, 1), 1).await;
        assert_eq!(again.status, 200);
        assert_eq!(desk.look_up().await, 0, "not in the same second");
        assert_eq!(desk.core.asked(), 0, "nobody was asked meanwhile");
        let late = if fault == 0 {
            desk.later(SECOND);
            assert_eq!(desk.look_up().await, 1);
            assert_eq!(
                desk.known(1).await == Protection::Found,
                protected,
                "and then it is known"
            );
            desk.town.clock.set(now());
            Some(desk.submit(&of(protected, 1), 1).await)
        } else {
            None
        };
        if let Some(repeated) = late {
            assert_eq!(
                (repeated.status, repeated.body),
                (again.status, again.body.clone())
            );
        }
        answers.push((
            answer.status,
            answer.headers,
            answer.body,
            again.headers,
            again.body,
        ));
    }
    assert!(
        answers.windows(2).all(|pair| pair[0] == pair[1]),
        "a protected household gets what any other gets"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hit_alerts_staff_and_no_machine_gets_it_before_they_have_seen_it() {
    on_either(alerts).await;
}

async fn alerts(store: Option<Store>) {
    let desk = Desk::new(0, store).await;
    for (id, protected) in [(1, true), (2, false)] {
        assert_eq!(desk.submit(&of(protected, id), id).await.status, 201);
    }
    let session = cookie_of(&desk.town, TOWN, Role::Clerk).await;
    let page = async |path: &str| look(&desk.town, &session, path).await.text();
    assert_eq!(page("/console/990019").await.matches("照会待ち").count(), 2);
    assert!(page(ONE).await.contains("支援措置の照会待ち"));

    let robot = add(&desk.town, TOWN, "robot", Scope::ALL).await;
    let robot = token(&desk.town, TOWN, "robot", &robot).await;
    let ask = async |method: &str, path: &str, body: Option<Value>| {
        bearer(
            &desk.town,
            method,
            &format!("/v1/990019/{path}"),
            &robot,
            body,
        )
        .await
    };
    let claim = json!({"claim": Uuid::from_u128(9)});
    for id in [1, 2] {
        let (id, at) = (Uuid::from_u128(id), desk.town.clock.now());
        let store = &desk.town.cloud.store;
        let queued = store.enqueue_job(&code(), id, ApplicationId(id), at).await;
        assert!(queued.unwrap());
    }
    assert_eq!(
        ask("POST", "jobs/claim", Some(claim.clone())).await.status,
        204
    );

    let links = page("/console/990019/links").await;
    assert_eq!(
        links.matches("職員の確認待ち").count(),
        2,
        "no robot's turn"
    );

    desk.later(SECOND);
    assert_eq!(desk.look_up().await, 2);
    assert_eq!(desk.look_up().await, 0, "once");
    assert_eq!(
        (desk.known(1).await, desk.known(2).await),
        (Protection::Found, Protection::Clear)
    );
    let list = page("/console/990019").await;
    assert_eq!(
        (
            list.matches("要注意").count(),
            list.matches("照会待ち").count()
        ),
        (1, 0)
    );
    let mut noted = desk.noted().await;
    noted.sort_by_key(|detail| detail["result"].to_string());
    assert_eq!(
        noted,
        [
            json!({"result": "clear", "tries": 1}),
            json!({"result": "found", "tries": 1})
        ]
    );

    let auditor = cookie_of(&desk.town, TOWN, Role::Auditor).await;
    let trail = look(&desk.town, &auditor, "/console/990019/trail").await;
    for told in [
        "支援措置の照会・確認",
        "結果：要注意、回数：1",
        "結果：該当なし",
    ] {
        assert!(trail.text().contains(told), "{told}");
    }

    // The one that waited longest is held; the robot gets the other, and then nothing.
    let got = ask("POST", "jobs/claim", Some(claim)).await.json();
    assert_eq!(
        got["document"]["application"],
        Uuid::from_u128(2).to_string()
    );
    let next = json!({"claim": Uuid::from_u128(10)});
    assert_eq!(
        ask("POST", "jobs/claim", Some(next.clone())).await.status,
        204
    );
    let lines = ask("GET", "applications", None).await.json();
    let held: Vec<&Value> = lines["applications"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| &line["held"])
        .collect();
    assert_eq!(held, [&json!(true), &json!(false)]);
    let number = of(true, 1).reception.unwrap();
    let move_it = json!({"from": "received", "to": "confirmed"});
    for (method, path, body) in [
        ("GET", format!("applications/{number}"), None),
        (
            "PUT",
            format!("applications/{number}/state"),
            Some(move_it.clone()),
        ),
    ] {
        let refused = ask(method, &path, body).await;
        assert_eq!(refused.problem(), "state_conflict");
        assert!(
            !refused.text().contains("支援"),
            "a machine is not told why"
        );
    }
    let sheet = ask("GET", "sheets/resident_change", None).await;
    assert_eq!(
        sheet.text().lines().count(),
        1,
        "it ends before what is held"
    );

    let text = page(ONE).await;
    assert!(text.contains("■ 要注意（支援措置）") && text.contains("支援措置を確認しました"));
    let seen = [
        ("csrf", csrf(&text)),
        ("from", "found".to_owned()),
        ("to", "seen".to_owned()),
    ];
    let seen: Vec<(&str, &str)> = seen
        .iter()
        .map(|(key, text)| (*key, text.as_str()))
        .collect();
    let path = format!("{ONE}/protection");
    assert_eq!(form(&desk.town, &session, &path, &seen).await.status, 303);
    assert_eq!(desk.known(1).await, Protection::Seen);
    let twice = form(&desk.town, &session, &path, &seen).await;
    assert!(twice.status == 409 && twice.text().contains("結果が変わりました"));
    assert!(page(ONE).await.contains("（確認済み）"));
    assert!(
        page("/console/990019").await.contains("要注意"),
        "staff still see it"
    );
    let got = ask("POST", "jobs/claim", Some(next)).await.json();
    assert_eq!(
        got["document"]["application"],
        Uuid::from_u128(1).to_string()
    );
    let sheet = ask("GET", "sheets/resident_change", None).await;
    assert_eq!(sheet.text().lines().count(), 3);
    let moved = ask(
        "PUT",
        &format!("applications/{number}/state"),
        Some(move_it),
    )
    .await;
    assert_eq!(moved.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_core_system_that_is_away_is_asked_again_and_staff_see_it() {
    on_either(away).await;
}

async fn away(store: Option<Store>) {
    let desk = Desk::new(1, store).await;
    for id in [1, 2] {
        desk.submit(&of(true, id), id).await;
    }
    desk.later(SECOND);
    assert_eq!(desk.look_up().await, 0);
    assert_eq!(desk.core.asked(), 1, "who is away is asked once a round");
    assert_eq!(desk.look_up().await, 0);
    assert_eq!(desk.core.asked(), 2, "the other one");
    desk.look_up().await;
    assert_eq!(desk.core.asked(), 2, "not at once again");
    let mut waits = Vec::new();
    for _ in 0..8 {
        let before = desk.core.asked();
        let mut waited = 0;
        while desk.core.asked() == before {
            desk.later(SECOND);
            waited += 1;
            desk.look_up().await;
        }
        waits.push(waited);
        desk.look_up().await;
    }
    assert!(waits.is_sorted(), "{waits:?}");
    assert!(i64::from(*waits.last().unwrap()) <= LONGEST_WAIT.as_secs());
    let session = cookie_of(&desk.town, TOWN, Role::Clerk).await;
    let page = async |path: &str| look(&desk.town, &session, path).await.text();
    assert_eq!(page("/console/990019").await.matches("照会待ち").count(), 2);
    assert!(desk.noted().await.is_empty(), "no answer is no answer");

    // A clerk who looked into the core system says so.
    let text = page(ONE).await;
    assert!(text.contains("対象の方がいます") && text.contains("対象の方はいません"));
    let token = csrf(&text);
    let say = async |from: &str, to: &str| {
        let fields = [("csrf", token.as_str()), ("from", from), ("to", to)];
        form(&desk.town, &session, &format!("{ONE}/protection"), &fields).await
    };
    for (from, to) in [
        ("waiting", "found"),
        ("waiting", "unasked"),
        ("clear", "seen"),
        ("x", ""),
    ] {
        assert_eq!(
            say(from, to).await.problem(),
            "malformed_request",
            "{from} {to}"
        );
    }
    assert_eq!(say("waiting", "seen").await.status, 303);
    assert_eq!(desk.known(1).await, Protection::Seen);

    // The other one waits until the core system is back, and nonsense is no answer either.
    desk.core.becomes(3);
    desk.later(LONGEST_WAIT);
    assert_eq!(desk.look_up().await, 0);
    assert_eq!(desk.known(2).await, Protection::Waiting);
    desk.core.becomes(0);
    desk.later(LONGEST_WAIT);
    assert_eq!(desk.look_up().await, 1);
    assert_eq!(desk.known(2).await, Protection::Found);
    let noted = desk.noted().await;
    assert_eq!(noted[0], json!({"from": "waiting", "result": "seen"}));
    assert_eq!(noted[1]["result"], "found");
    assert!(noted[1]["tries"].as_i64().unwrap() > 5);
}
