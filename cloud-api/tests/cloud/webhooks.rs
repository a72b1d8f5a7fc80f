//! Webhooks to services that are well, slow, away or where they must not be.

use std::net::IpAddr;
use std::sync::atomic::{AtomicU16, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::State as Part;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use cloud_api::clock::Clock as _;
use cloud_api::webhooks::{
    EventType, Guard, Refused, Resolve, Resolving, SigningSecret, Webhook, Webhooks,
};
use cloud_store::audit::Actor;
use cloud_store::{ApplicationStatus, DeliveryRow, StatusChange};
use jiff::{SignedDuration, Timestamp};

use crate::core_http::serve;
use crate::device_api::{application, seal};
use crate::imported::code;
use crate::town::{Choice, Town};

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// Says the same addresses to every name, and counts.
struct Fixed(Vec<IpAddr>, AtomicUsize);

impl Fixed {
    fn new(addresses: &[&str]) -> Arc<Self> {
        let addresses = addresses.iter().map(|one| one.parse().unwrap());
        Arc::new(Self(addresses.collect(), AtomicUsize::new(0)))
    }
}

impl Resolve for Fixed {
    fn resolve<'a>(&'a self, _: &'a str) -> Resolving<'a> {
        self.1.fetch_add(1, Ordering::SeqCst);
        Box::pin(async { Ok(self.0.clone()) })
    }
}

/// A receiver that answers with `status` (0: not at all) and keeps what it got.
#[derive(Default)]
struct Receiver {
    status: AtomicU16,
    got: Mutex<Vec<(HeaderMap, String)>>,
}

async fn receive(
    Part(receiver): Part<Arc<Receiver>>,
    headers: HeaderMap,
    body: String,
) -> Response {
    receiver.got.lock().unwrap().push((headers, body));
    match receiver.status.load(Ordering::SeqCst) {
        0 => std::future::pending().await,
        302 => (StatusCode::FOUND, [(header::LOCATION, "/hook")]).into_response(),
        status => StatusCode::from_u16(status).unwrap().into_response(),
    }
}

struct Desk {
    town: Town,
    receiver: Arc<Receiver>,
    resolver: Arc<Fixed>,
    sender: Webhooks,
}

impl Desk {
    async fn new(events: &[EventType]) -> Self {
        let receiver = Arc::new(Receiver {
            status: AtomicU16::new(204),
            ..Receiver::default()
        });
        let router = Router::new()
            .route("/hook", post(receive))
            .with_state(receiver.clone());
        let base = serve(router).await;
        let port = base.rsplit_once(':').unwrap().1;
        let hook = Webhook {
            id: "counter".to_owned(),
            url: format!("http://hooks.example.jp:{port}/hook")
                .parse()
                .unwrap(),
            secret: SigningSecret::parse(SECRET).unwrap(),
            events: events.to_vec(),
        };
        let town = Town::new(Choice {
            webhooks: vec![hook],
            ..Choice::default()
        })
        .await;
        let resolver = Fixed::new(&["127.0.0.1"]);
        let guard = Guard::new(resolver.clone(), vec!["127.0.0.0/8".parse().unwrap()]);
        let sender = Webhooks::new(guard);
        Self {
            town,
            receiver,
            resolver,
            sender,
        }
    }

    async fn submit(&self, id: u128) {
        let sealed = seal(&self.town, &application(id), id, 1);
        let answer = crate::town::post(self.town.kiosk(), "/v1/990019/applications", &sealed).await;
        assert!(answer.status.is_success(), "{}", answer.text());
        self.town.look_up().await;
    }

    async fn send(&self) -> usize {
        let tenant = &self.town.cloud.tenants[&code()];
        self.sender
            .send_due(&self.town.cloud, tenant)
            .await
            .unwrap()
    }

    fn later(&self, by: SignedDuration) {
        self.town.clock.set(self.town.clock.now() + by);
    }

    fn answers(&self, status: u16) {
        self.receiver.status.store(status, Ordering::SeqCst);
    }

    async fn dead(&self) -> Vec<DeliveryRow> {
        self.town
            .cloud
            .store
            .dead_letters(&code(), 10)
            .await
            .unwrap()
    }
}

#[tokio::test]
async fn an_application_is_told_once_signed_and_without_a_name() {
    let desk = Desk::new(&[EventType::Received]).await;
    desk.submit(1).await;
    desk.submit(1).await;
    assert_eq!(desk.send().await, 1);
    assert_eq!(desk.send().await, 0);
    let got = desk.receiver.got.lock().unwrap();
    let (headers, body) = &got[0];
    assert!(
        headers["host"]
            .to_str()
            .unwrap()
            .starts_with("hooks.example.jp:")
    );
    assert_eq!(
        desk.resolver.1.load(Ordering::SeqCst),
        1,
        "the checked address is the one"
    );
    let id = headers["webhook-id"].to_str().unwrap();
    assert_eq!(
        id,
        "application.received.00000000-0000-0000-0000-000000000001"
    );
    let at: i64 = headers["webhook-timestamp"]
        .to_str()
        .unwrap()
        .parse()
        .unwrap();
    assert_eq!(at, desk.town.clock.now().as_second());
    let secret = SigningSecret::parse(SECRET).unwrap();
    let at = Timestamp::from_second(at).unwrap();
    assert_eq!(headers["webhook-signature"], secret.header(id, at, body));
    assert_ne!(
        headers["webhook-signature"],
        secret.header(id, at, &format!("{body} "))
    );
    let body: serde_json::Value = serde_json::from_str(body).unwrap();
    assert_eq!(body["type"], "application.received");
    assert_eq!(body["data"]["reception"], application(1).reception.unwrap());
    assert!(!body.to_string().contains("見本"));
}

#[tokio::test]
async fn a_move_and_its_announcement_stand_together() {
    let desk = Desk::new(&[EventType::Confirmed, EventType::Returned]).await;
    desk.submit(1).await;
    let (cloud, tenant) = (&desk.town.cloud, &desk.town.cloud.tenants[&code()]);
    let id = kiosk_api::ApplicationId(uuid::Uuid::from_u128(1));
    let wanted = |from, to| StatusChange {
        from,
        to,
        claimed_by: None,
        reason: (to == ApplicationStatus::Returned).then_some("other"),
        now: desk.town.clock.now(),
    };
    let confirm = wanted(ApplicationStatus::Received, ApplicationStatus::Confirmed);
    for refused in [false, true] {
        let moved = cloud.change_status(tenant, id, &confirm, Actor::Service);
        assert_eq!(
            moved.await.is_err(),
            refused,
            "a second time it is not there any more"
        );
    }
    let back = wanted(ApplicationStatus::Confirmed, ApplicationStatus::Returned);
    let moved = cloud.change_status(tenant, id, &back, Actor::Service);
    assert!(moved.await.is_ok());
    assert_eq!(desk.send().await, 2);
    let got = desk.receiver.got.lock().unwrap();
    let mut kinds: Vec<String> = got
        .iter()
        .map(|(_, body)| {
            let body: serde_json::Value = serde_json::from_str(body).unwrap();
            body["type"].as_str().unwrap().to_owned()
        })
        .collect();
    kinds.sort();
    assert_eq!(kinds, ["application.confirmed", "application.returned"]);
}

#[tokio::test]
async fn who_did_not_ask_is_not_told() {
    let desk = Desk::new(&[EventType::Done]).await;
    desk.submit(1).await;
    assert_eq!(desk.send().await, 0);
}

#[tokio::test]
async fn a_failure_comes_again_later_and_later_and_is_a_dead_letter_after_a_day() {
    let desk = Desk::new(&[]).await;
    desk.answers(500);
    desk.submit(1).await;
    desk.submit(2).await;
    assert_eq!(desk.send().await, 1, "the second waits with the first");
    let mut wait = SignedDuration::from_secs(30);
    for _ in 0..3 {
        desk.later(wait - SignedDuration::from_secs(1));
        assert_eq!(desk.send().await, 0);
        desk.later(SignedDuration::from_secs(1));
        assert_eq!(desk.send().await, 1);
        wait *= 2;
    }
    assert!(desk.dead().await.is_empty());
    desk.later(SignedDuration::from_hours(24));
    assert_eq!(desk.send().await, 2);
    let dead = desk.dead().await;
    assert_eq!(dead.len(), 2);
    assert_eq!(dead[0].problem.as_deref(), Some("status 500"));

    desk.answers(204);
    let one = (dead[0].hook.as_str(), dead[0].event.as_str());
    let store = &desk.town.cloud.store;
    assert!(
        store
            .revive_delivery(&code(), one, desk.town.clock.now())
            .await
            .unwrap()
    );
    assert_eq!(desk.send().await, 1);
    assert_eq!(desk.dead().await.len(), 1);
}

#[tokio::test]
async fn slow_away_redirecting_and_unwilling_receivers() {
    for (status, problem) in [(0, "no answer in time"), (302, "status 302")] {
        let mut desk = Desk::new(&[]).await;
        desk.sender = desk.sender.within(Duration::from_millis(200));
        desk.answers(status);
        desk.submit(1).await;
        assert_eq!(desk.send().await, 1);
        assert_eq!(
            desk.receiver.got.lock().unwrap().len(),
            1,
            "no redirect is followed"
        );
        desk.later(SignedDuration::from_hours(25));
        desk.send().await;
        assert_eq!(desk.dead().await[0].problem.as_deref(), Some(problem));
    }
    let desk = Desk::new(&[]).await;
    desk.answers(410);
    desk.submit(1).await;
    desk.send().await;
    assert_eq!(desk.dead().await[0].problem.as_deref(), Some("status 410"));
}

#[tokio::test]
async fn an_event_survives_a_restart() {
    let desk = Desk::new(&[]).await;
    desk.answers(503);
    desk.submit(1).await;
    desk.send().await;
    let url = format!(
        "sqlite:{}",
        desk.town.folder.path().join("cloud.sqlite").display()
    );
    let again = cloud_store::Store::open(&url, None).await.unwrap();
    desk.later(SignedDuration::from_secs(30));
    let turn = SignedDuration::from_secs(60);
    let due = again
        .take_delivery(&code(), desk.town.clock.now(), turn)
        .await
        .unwrap();
    assert_eq!(due.unwrap().attempts, 2);
}

#[tokio::test]
async fn nothing_goes_where_only_this_machine_can_go() {
    let check = async |url: &str, addresses: &[&str], allowed: &[&str]| {
        let allowed = allowed.iter().map(|net| net.parse().unwrap()).collect();
        let guard = Guard::new(Fixed::new(addresses), allowed);
        guard
            .check(&url.parse().unwrap())
            .await
            .map(|target| target.addresses)
    };
    let named = "https://hooks.example.jp/x";
    let public = check(named, &["203.0.112.9", "2400:4050::1"], &[])
        .await
        .unwrap();
    assert_eq!(public[0].to_string(), "203.0.112.9:443");
    for address in [
        "127.0.0.1",
        "10.0.0.8",
        "169.254.169.254",
        "::1",
        "::ffff:192.168.0.1",
        "fe80::1",
        "224.0.0.1",
    ] {
        assert_eq!(
            check(named, &[address], &[]).await,
            Err(Refused::Private),
            "{address}"
        );
        let mixed = ["8.8.8.8", address];
        assert_eq!(
            check(named, &mixed, &[]).await,
            Err(Refused::Private),
            "one is enough"
        );
    }
    // Addresses as a URL may spell them; the name server is not asked.
    for url in [
        "https://127.0.0.1/",
        "https://2130706433/",
        "https://0x7f.1/",
        "https://0177.0.0.1/",
        "https://[::ffff:7f00:1]/",
        "https://[::1]/",
        "https://169.254.169.254/latest/meta-data/",
        "https://０.0.0.0/",
    ] {
        assert_eq!(
            check(url, &["8.8.8.8"], &[]).await,
            Err(Refused::Private),
            "{url}"
        );
    }
    for url in [
        "http://hooks.example.jp/",
        "ftp://hooks.example.jp/",
        "https://user@hooks.example.jp/",
        "https://a:b@hooks.example.jp/",
    ] {
        assert_eq!(
            check(url, &["8.8.8.8"], &[]).await,
            Err(Refused::Shape),
            "{url}"
        );
    }
    assert_eq!(check(named, &[], &[]).await, Err(Refused::Unknown));
    let plain = "http://rpa.town.local:8080/";
    assert_eq!(
        check(plain, &["10.1.2.3"], &["10.1.2.0/24"]).await,
        Err(Refused::Shape)
    );
    assert!(
        check(plain, &["127.0.0.1"], &["127.0.0.1/32"])
            .await
            .is_ok()
    );
    let intranet = "https://rpa.town.local:8080/";
    let inside = check(intranet, &["10.1.2.3"], &["10.1.2.0/24"])
        .await
        .unwrap();
    assert_eq!(inside[0].to_string(), "10.1.2.3:8080");
    assert_eq!(
        check(intranet, &["10.1.3.3"], &["10.1.2.0/24"]).await,
        Err(Refused::Private)
    );
    assert_eq!(
        check(plain, &["10.1.2.3", "8.8.8.8"], &["10.1.2.0/24"]).await,
        Err(Refused::Shape)
    );

    let mut desk = Desk::new(&[]).await;
    desk.sender = Webhooks::new(Guard::new(Fixed::new(&["127.0.0.1"]), Vec::new()));
    desk.submit(1).await;
    desk.send().await;
    assert!(
        desk.receiver.got.lock().unwrap().is_empty(),
        "loopback is not called"
    );
    desk.later(SignedDuration::from_hours(25));
    desk.send().await;
    assert_eq!(
        desk.dead().await[0].problem.as_deref(),
        Some(Refused::Private.to_string().as_str())
    );
}

#[test]
fn settings_name_what_is_wrong() {
    let read = |global: &str, hook: &str| {
        let text = format!(
            "{global}\n[[tenant]]\ncode = \"990019\"\nname = \"x\"\nsealing_key_id = \"1\"\nsealing_key_file = \"k\"\n{hook}"
        );
        cloud_api::settings::Settings::parse(std::path::Path::new("s.toml"), &text)
    };
    let hook =
        "[[tenant.webhook]]\nid = \"a\"\nurl = \"https://a.example.jp/\"\nsecret_file = \"s\"\n";
    read(
        "webhook_networks = [\"10.1.2.0/24\", \"::1\"]",
        &format!("{hook}events = [\"application.done\"]"),
    )
    .unwrap();
    for (global, hooks, named) in [
        ("webhook_networks = [\"10.1.2\"]", hook.to_owned(), "10.1.2"),
        (
            "",
            format!("{hook}events = [\"application.lost\"]"),
            "application.lost",
        ),
        (
            "",
            hook.replace("https://a.example.jp/", "a.example.jp"),
            "webhook a: url",
        ),
        ("", format!("{hook}{hook}"), "stands twice"),
    ] {
        let error = read(global, &hooks).unwrap_err().to_string();
        assert!(error.contains(named), "{error}");
    }
}
