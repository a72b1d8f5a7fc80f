//! Three processes of the service on one PostgreSQL.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use cloud_api::serve;
use cloud_api::settings::Settings;
use cloud_api::staff::Bearer;
use cloud_store::audit::{Actor, AuditEvent, AuditRecord, verify};
use cloud_store::{Client, Realm, Scope, Store};
use jiff::Timestamp;
use kiosk_api::{ApplicationId, Receipt, TenantCode};
use serde_json::{Value, json};
use tokio::sync::{Mutex, watch};
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::core_http;
use crate::device_api;
use crate::house::{House, Replica};
use crate::postgres::Cluster;
use crate::secrets::write_secret;

const PROGRAM: &str = env!("CARGO_BIN_EXE_cloud-api");
/// Longest time that anything here may take; nothing is waited for so long when all is well.
const PATIENCE: Duration = Duration::from_secs(120);

/// The replicas, as kiosks meet them: each kiosk begins with one and goes to the next when it does not answer.
struct Hall {
    devices: Vec<String>,
    /// The first replica, if it is to be killed, and how many more applications it acknowledges before.
    doomed: Mutex<Option<(Replica, usize)>>,
    moved: AtomicUsize,
}

impl Hall {
    /// Counts what a replica acknowledged; the first one dies of it, while others of its kiosks wait for their answers.
    async fn acknowledged_by(&self, replica: usize) {
        if let (0, Some((doomed, left))) = (replica, &mut *self.doomed.lock().await) {
            *left = left.saturating_sub(1);
            if *left == 0 {
                doomed.kill();
            }
        }
    }
}

/// A kiosk with its queue: what was not acknowledged is sent again, the same bytes, to whoever answers.
struct Kiosk {
    town: TenantCode,
    http: reqwest::Client,
    queue: Vec<(ApplicationId, Vec<u8>)>,
    at: usize,
}

impl Kiosk {
    fn new(house: &House, number: usize, applications: usize) -> Self {
        let town = house.towns[number % house.towns.len()].clone();
        let name = format!("kiosk-{}", number + 1);
        let queue = (0..applications).map(|n| {
            let id = (number as u128 + 1) << 64 | n as u128;
            let mut one = device_api::application(id);
            one.tenant = town.to_string();
            one.kiosk.clone_from(&name);
            (ApplicationId(Uuid::from_u128(id)), house.sealed(&one))
        });
        Self {
            queue: queue.collect(),
            http: house.client(&town, &name),
            town,
            at: number % 3,
        }
    }

    async fn send_all(mut self, hall: Arc<Hall>) -> Vec<(TenantCode, ApplicationId)> {
        let mut acknowledged = Vec::new();
        for (id, sealed) in &self.queue {
            while !self.sent(&hall, *id, sealed).await {
                self.at = (self.at + 1) % hall.devices.len();
                hall.moved.fetch_add(1, Ordering::SeqCst);
            }
            acknowledged.push((self.town.clone(), *id));
            hall.acknowledged_by(self.at).await;
        }
        acknowledged
    }

    /// Whether this application's receipt came.
    async fn sent(&self, hall: &Hall, id: ApplicationId, sealed: &[u8]) -> bool {
        let request = self
            .http
            .post(format!(
                "https://{}/v1/{}/applications",
                hall.devices[self.at], self.town
            ))
            .header("content-type", "application/json")
            .body(sealed.to_vec());
        let Ok(answer) = request.send().await else {
            return false;
        };
        // An answer is whole or none; a refusal would be the service's fault.
        let status = answer.status();
        let Ok(body) = answer.bytes().await else {
            return false;
        };
        assert!(
            status.is_success(),
            "{status} {}",
            String::from_utf8_lossy(&body)
        );
        let receipt: Receipt = serde_json::from_slice(&body).unwrap();
        assert_eq!(receipt.id, id);
        true
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_dies_under_load_and_every_application_is_there_once() {
    const KIOSKS: usize = 9;
    const EACH: usize = 12;
    let (house, cluster) = (House::new(2, KIOSKS), Cluster::start());
    crate::dba::migrate(&cluster).await;
    let settings = house.settings(&cluster.url());
    let replicas: Vec<Replica> = (0..3).map(|_| Replica::start(PROGRAM, &settings)).collect();
    let devices = replicas.iter().map(|one| one.device.clone()).collect();
    let mut living = replicas.into_iter();
    let hall = Arc::new(Hall {
        devices,
        // Three kiosks begin there. None of them is done when one of them has had so many receipts.
        doomed: Mutex::new(living.next().map(|first| (first, EACH - 2))),
        moved: AtomicUsize::new(0),
    });
    let mut kiosks = JoinSet::new();
    for number in 0..KIOSKS {
        kiosks.spawn(Kiosk::new(&house, number, EACH).send_all(hall.clone()));
    }
    let sent: Vec<_> = kiosks.join_all().await.into_iter().flatten().collect();
    assert_eq!(sent.len(), KIOSKS * EACH);
    assert!(
        hall.moved.load(Ordering::SeqCst) > 0,
        "nobody met the dead one"
    );

    let store = serve::open_store(&Settings::read(&settings).unwrap())
        .await
        .unwrap();
    for town in &house.towns {
        let own = sent
            .iter()
            .filter(|(at, _)| at == town)
            .map(|(_, id)| id.to_string());
        once_each(&store, town, own.collect()).await;
    }
    store.close().await;
}

/// The town holds just these, and its unbroken trail says of each once that it came.
async fn once_each(store: &Store, town: &TenantCode, sent: BTreeSet<String>) {
    let rows = store.list_applications(town, 10_000).await.unwrap();
    let kept: Vec<String> = rows.iter().map(|row| row.id.to_string()).collect();
    assert_eq!(kept.len(), sent.len());
    assert_eq!(kept.into_iter().collect::<BTreeSet<_>>(), sent);
    let entries = store.trail(&Realm::from(town), 1, 10_000).await.unwrap();
    verify(&entries).unwrap();
    let came = entries
        .iter()
        .filter(|entry| entry.event == AuditEvent::Received.as_str());
    let came: Vec<String> = came.map(|entry| entry.object.clone()).collect();
    assert_eq!(came.len(), sent.len());
    assert_eq!(came.into_iter().collect::<BTreeSet<_>>(), sent);
}

/// A webhook's receiver that notices when the same event comes while it is still being received.
#[derive(Default)]
struct Receiver {
    here: std::sync::Mutex<BTreeSet<String>>,
    twice_at_once: AtomicUsize,
    got: watch::Sender<BTreeMap<String, usize>>,
}

async fn receive(State(receiver): State<Arc<Receiver>>, headers: HeaderMap) -> StatusCode {
    let event = headers["webhook-id"].to_str().unwrap().to_owned();
    if !receiver.here.lock().unwrap().insert(event.clone()) {
        receiver.twice_at_once.fetch_add(1, Ordering::SeqCst);
    }
    // Long enough for another replica to come by.
    for _ in 0..1000 {
        tokio::task::yield_now().await;
    }
    receiver.here.lock().unwrap().remove(&event);
    receiver
        .got
        .send_modify(|got| *got.entry(event).or_default() += 1);
    StatusCode::NO_CONTENT
}

#[tokio::test(flavor = "multi_thread")]
async fn three_share_webhooks_and_robots_and_do_nothing_twice() {
    const APPLICATIONS: usize = 30;
    let (mut house, cluster) = (House::new(1, 1), Cluster::start());
    let receiver = Arc::new(Receiver::default());
    let router = Router::new()
        .route("/hook", post(receive))
        .with_state(receiver.clone());
    let url = core_http::serve(router).await;
    write_secret(
        &house.at("hook.secret"),
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    );
    house.set(
        "webhook_networks = [\"127.0.0.0/8\"]",
        &format!("[[tenant.webhook]]\nid = \"counter\"\nurl = \"{url}/hook\"\nsecret_file = \"hook.secret\"\nevents = [\"application.received\"]"),
    );
    crate::dba::migrate(&cluster).await;
    let settings = house.settings(&cluster.url());
    let replicas: Vec<Replica> = (0..3).map(|_| Replica::start(PROGRAM, &settings)).collect();
    let hall = Arc::new(Hall {
        devices: replicas.iter().map(|one| one.device.clone()).collect(),
        doomed: Mutex::new(None),
        moved: AtomicUsize::new(0),
    });
    let sent = Kiosk::new(&house, 0, APPLICATIONS).send_all(hall).await;

    let store = serve::open_store(&Settings::read(&settings).unwrap())
        .await
        .unwrap();
    robots_do_each_job_once(&house, &store, &replicas, &sent).await;
    let mut got = receiver.got.subscribe();
    let all = got.wait_for(|got| got.len() == APPLICATIONS);
    drop(tokio::time::timeout(PATIENCE, all).await.unwrap().unwrap());
    arrived(&cluster, APPLICATIONS).await;
    let counts: BTreeSet<usize> = got.borrow().values().copied().collect();
    assert_eq!(counts, [1].into(), "each event once");
    assert_eq!(receiver.twice_at_once.load(Ordering::SeqCst), 0);
    store.close().await;
}

/// Until every delivery is noted as arrived; each at its first try.
async fn arrived(cluster: &Cluster, deliveries: usize) {
    let owner = sqlx::PgPool::connect(&cluster.owner_url()).await.unwrap();
    let noted = async {
        let count = "SELECT count(*) FROM deliveries WHERE state = 'arrived' AND attempts = 1";
        while sqlx::query_scalar::<_, i64>(count)
            .fetch_one(&owner)
            .await
            .unwrap()
            < deliveries as i64
        {}
    };
    tokio::time::timeout(PATIENCE, noted).await.unwrap();
    owner.close().await;
}

async fn robots_do_each_job_once(
    house: &House,
    store: &Store,
    replicas: &[Replica],
    sent: &[(TenantCode, ApplicationId)],
) {
    let town = &house.towns[0];
    for (_, id) in sent {
        assert!(
            store
                .enqueue_job(town, id.0, *id, Timestamp::now())
                .await
                .unwrap()
        );
    }
    let secret = client(store, town).await;
    let mut robots = JoinSet::new();
    for (number, replica) in replicas.iter().chain(replicas).enumerate() {
        let base = format!("http://{}/v1/{town}", replica.office);
        robots.spawn(robot(base, number as u128, secret.clone()));
    }
    let done: Vec<String> = robots.join_all().await.into_iter().flatten().collect();
    assert_eq!(done.len(), sent.len());
    let once: BTreeSet<String> = done.into_iter().collect();
    assert_eq!(once, sent.iter().map(|(_, id)| id.to_string()).collect());
}

/// A machine client of the town; gives its secret.
async fn client(store: &Store, town: &TenantCode) -> String {
    let secret = Bearer::new().unwrap();
    let client = Client {
        id: "robot".to_owned(),
        name: "RPA".to_owned(),
        scopes: [Scope::Jobs].into_iter().collect(),
        created_at: Timestamp::now(),
        revoked_at: None,
    };
    let record =
        AuditRecord::new(client.created_at, Actor::Command, AuditEvent::ClientAdded).about("robot");
    store
        .add_client(&Realm::from(town), &client, &secret.hash(), &record)
        .await
        .unwrap();
    secret.reveal().to_owned()
}

/// A robot at one replica: claims and finishes until nothing waits; gives what it did.
async fn robot(base: String, number: u128, secret: String) -> Vec<String> {
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let post = async |path: &str, body: Value, token: &str| {
        let request = http
            .post(format!("{base}/{path}"))
            .header("authorization", format!("Bearer {token}"));
        let answer = request.json(&body).send().await.unwrap();
        let (status, text) = (answer.status(), answer.text().await.unwrap());
        assert!(status.is_success(), "{path}: {status} {text}");
        serde_json::from_str::<Value>(&text).ok()
    };
    let token = token(&http, &base, &secret).await;
    let mut done = Vec::new();
    for turn in 0.. {
        let claim = Uuid::from_u128((number + 1) << 64 | turn);
        let Some(job) = post("jobs/claim", json!({ "claim": claim }), &token).await else {
            break;
        };
        let finish = format!("jobs/{}/finish", job["job"].as_str().unwrap());
        post(&finish, json!({ "claim": claim, "result": "done" }), &token).await;
        done.push(job["job"].as_str().unwrap().to_owned());
    }
    done
}

async fn token(http: &reqwest::Client, base: &str, secret: &str) -> String {
    let answer = http
        .post(format!("{base}/oauth/token"))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(format!(
            "grant_type=client_credentials&client_id=robot&client_secret={secret}"
        ))
        .send()
        .await
        .unwrap();
    let body: Value = answer.json().await.unwrap();
    body["access_token"].as_str().unwrap().to_owned()
}
