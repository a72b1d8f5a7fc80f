//! The cloud client over real mutual TLS: trust, refusals, nonsense, delivery.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test that cannot go on may stop"
)]

mod fake_cloud;

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::Arc;

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use fake_cloud::FakeCloud;
use kiosk::cloud::{Cloud, CloudError, Delivery, Fetched, Step, TrustError};
use kiosk::outbox::Queue;
use kiosk::outbox::simulated_queue::{Fault, SimulatedQueue};
use kiosk::settings::Settings;
use kiosk::trusted_time::TrustedTime;
use kiosk_api::{Bytes, Edition, EditionKind, ProblemCode, SignedEdition};
use tokio::sync::Notify;
use uuid::Uuid;

const EXAMPLE: &str = include_str!("../kiosk.example.toml");

/// The example's settings with the fake cloud.
fn settings(folder: &Path, cloud: &str) -> Settings {
    let mut text = String::new();
    let mut skipping = false;
    for line in EXAMPLE.lines() {
        if line.starts_with('[') {
            skipping = line.starts_with("[cloud]");
        }
        if !skipping {
            text += line;
            text.push('\n');
        }
    }
    Settings::parse(&(text + cloud), &folder.join("kiosk.toml"))
        .unwrap_or_else(|error| panic!("{error}"))
}

async fn town() -> (tempfile::TempDir, FakeCloud, Cloud) {
    let folder = tempfile::tempdir().unwrap();
    let town = FakeCloud::start(folder.path()).await;
    let settings = settings(folder.path(), &town.settings());
    let cloud = Cloud::new(&settings.cloud, settings.kiosk.tenant).unwrap();
    (folder, town, cloud)
}

fn sealed(town: &FakeCloud, id: u128) -> Vec<u8> {
    let id = Uuid::from_u128(id);
    let application = application::Application {
        version: application::APPLICATION_VERSION,
        id: id.to_string(),
        tenant: "990019".into(),
        kiosk: "lobby-1".into(),
        reception: None,
        as_of: "2026-04-27".parse().unwrap(),
        event: "move_in".into(),
        language: "ja".into(),
        applicant: None,
        facts: serde_json::Value::Null,
        plan: guidance::Plan::empty("2026-04-27".parse().unwrap()),
        forms: Vec::new(),
        values: application::ValueSet::default(),
        forms_edition: None,
        signature: application::Signature::OnPaper,
        card: application::CardCheck::None,
        notes: Vec::new(),
    };
    let sealed = kiosk_api::SealedApplication::seal(
        &application,
        "990019".parse().unwrap(),
        "lobby-1".parse().unwrap(),
        kiosk_api::ApplicationId(id),
        ("town-1", &town.key.public()),
        kiosk_api::Entropy::new([1; 32]),
    );
    kiosk::cloud::to_wire(&sealed.unwrap_or_else(|error| panic!("{error}")))
}

#[tokio::test]
async fn a_nonce_comes_over_mutual_tls() {
    let (_folder, _town, cloud) = town().await;
    let online = cloud.online();
    assert_eq!(*online.borrow(), None);
    assert_eq!(cloud.nonce().await.unwrap().nonce.0.len(), 32);
    assert_eq!(*online.borrow(), Some(true));
}

#[tokio::test]
async fn a_cloud_of_another_authority_is_not_spoken_to() {
    let (folder, town, _) = town().await;
    fs::copy(
        folder.path().join("stranger.pem"),
        folder.path().join("authority.pem"),
    )
    .unwrap();
    let settings = settings(folder.path(), &town.settings());
    let cloud = Cloud::new(&settings.cloud, settings.kiosk.tenant).unwrap();
    assert_eq!(cloud.nonce().await.err(), Some(CloudError::Unreachable));
    assert_eq!(*cloud.online().borrow(), Some(false));
}

#[tokio::test]
async fn the_cloud_does_not_speak_to_a_stranger() {
    let (folder, town, _) = town().await;
    for end in ["pem", "key"] {
        let name = |stem: &str| folder.path().join(format!("{stem}.{end}"));
        fs::copy(name("stranger"), name("kiosk")).unwrap();
    }
    let settings = settings(folder.path(), &town.settings());
    let cloud = Cloud::new(&settings.cloud, settings.kiosk.tenant).unwrap();
    assert_eq!(cloud.nonce().await.err(), Some(CloudError::Unreachable));
}

#[tokio::test]
async fn files_of_trust_that_cannot_be_used_are_named() {
    let (folder, town, _) = town().await;
    let open = || {
        let settings = settings(folder.path(), &town.settings());
        Cloud::new(&settings.cloud, settings.kiosk.tenant)
            .err()
            .map(|error| error.to_string())
            .unwrap_or_default()
    };
    let key = folder.path().join("kiosk.key");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o640)).unwrap();
    assert!(open().contains("chmod 600"), "{}", open());
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
    fs::write(&key, "nothing").unwrap();
    assert!(open().contains("kiosk.key"), "{}", open());
    fs::write(folder.path().join("authority.pem"), "nothing").unwrap();
    assert!(
        open().contains("authority.pem: no certificate in it"),
        "{}",
        open()
    );
    fs::remove_file(folder.path().join("authority.pem")).unwrap();
    let settings = settings(folder.path(), &town.settings());
    assert!(matches!(
        Cloud::new(&settings.cloud, settings.kiosk.tenant),
        Err(TrustError::Unreadable { .. })
    ));
}

#[tokio::test]
async fn refusals_are_codes_and_nonsense_is_told_apart() {
    let (_folder, town, cloud) = town().await;
    town.state().refuse = Some(ProblemCode::Busy);
    assert_eq!(
        cloud.nonce().await.err(),
        Some(CloudError::Refused(ProblemCode::Busy))
    );
    town.state().refuse = None;
    town.state().nonsense = true;
    assert_eq!(
        cloud.nonce().await.err(),
        Some(CloudError::Malformed("nonce"))
    );
}

#[tokio::test]
async fn an_edition_is_fetched_once() {
    let (_folder, town, cloud) = town().await;
    assert!(matches!(
        cloud.edition(EditionKind::Catalogue, None).await.unwrap(),
        Fetched::NonePublished
    ));
    let key = Ed25519KeyPair::from_seed_unchecked(&[7; 32]).unwrap();
    assert_eq!(key.public_key().as_ref().len(), 32);
    let content = Edition {
        kind: EditionKind::Catalogue,
        tenant: "990019".parse().unwrap(),
        edition: "2026-04-01.1".into(),
        signed_at: jiff::Timestamp::UNIX_EPOCH,
        files: Vec::new(),
    };
    let signature = Bytes(key.sign(&content.canonical_bytes()).as_ref().to_vec());
    let signed = SignedEdition {
        content,
        key_id: "town-1".into(),
        signature,
    };
    town.state().catalogue = Some(signed.clone());
    let Fetched::New(fetched) = cloud.edition(EditionKind::Catalogue, None).await.unwrap() else {
        panic!("not new")
    };
    assert!(*fetched == signed);
    let again = cloud
        .edition(EditionKind::Catalogue, Some(&signed.etag()))
        .await
        .unwrap();
    assert!(matches!(again, Fetched::Unchanged));
}

fn delivery(cloud: &Cloud) -> (Arc<SimulatedQueue>, Delivery) {
    let queue = Arc::new(SimulatedQueue::new());
    let delivery = Delivery {
        queue: queue.clone(),
        cloud: cloud.clone(),
        stored: Arc::new(Notify::new()),
    };
    (queue, delivery)
}

#[tokio::test]
async fn applications_are_delivered_in_order_and_only_then_leave_the_queue() {
    let (_folder, town, cloud) = town().await;
    let (queue, delivery) = delivery(&cloud);
    queue
        .enqueue(Uuid::from_u128(1), &sealed(&town, 1))
        .unwrap();
    queue
        .enqueue(Uuid::from_u128(2), &sealed(&town, 2))
        .unwrap();
    town.state().refuse = Some(ProblemCode::Internal);
    assert_eq!(delivery.step().await, Step::Later);
    assert_eq!(queue.len(), 2);
    town.state().refuse = None;
    assert_eq!(delivery.step().await, Step::Delivered);
    assert_eq!(delivery.step().await, Step::Delivered);
    assert_eq!(delivery.step().await, Step::Empty);
    let ids: Vec<_> = town
        .state()
        .applications
        .keys()
        .map(|id| id.0.as_u128())
        .collect();
    assert_eq!(ids, [1, 2]);
    let opened = town
        .state()
        .applications
        .values()
        .next()
        .unwrap()
        .open(&town.key)
        .unwrap();
    assert_eq!(opened.event, "move_in");
}

#[tokio::test]
async fn one_that_the_cloud_will_never_take_does_not_hold_up_the_others() {
    let (_folder, town, cloud) = town().await;
    let (queue, delivery) = delivery(&cloud);
    queue
        .enqueue(Uuid::from_u128(1), &sealed(&town, 1))
        .unwrap();
    queue
        .enqueue(Uuid::from_u128(2), &sealed(&town, 2))
        .unwrap();
    town.state().refuse = Some(ProblemCode::EnvelopeRefused);
    assert_eq!(delivery.step().await, Step::PutAside);
    assert_eq!(queue.put_aside(), 1);
    town.state().refuse = None;
    assert_eq!(delivery.step().await, Step::Delivered);
    assert_eq!(delivery.step().await, Step::Empty);
}

#[tokio::test]
async fn a_record_that_was_delivered_but_not_acknowledged_is_delivered_again_as_the_same() {
    let (_folder, town, cloud) = town().await;
    let (queue, delivery) = delivery(&cloud);
    queue
        .enqueue(Uuid::from_u128(1), &sealed(&town, 1))
        .unwrap();
    queue.inject(Fault::DiskFull);
    assert_eq!(
        delivery.step().await,
        Step::Later,
        "delivered, but the queue could not forget it"
    );
    queue.reopen();
    assert_eq!(delivery.step().await, Step::Delivered);
    let state = town.state();
    assert_eq!((state.deliveries, state.applications.len()), (2, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_task_delivers_what_is_stored_as_soon_as_it_is_notified() {
    let (_folder, town, cloud) = town().await;
    let (queue, delivery) = delivery(&cloud);
    let stored = Arc::clone(&delivery.stored);
    let task = tokio::spawn(delivery.run());
    let came = town.came.notified();
    queue
        .enqueue(Uuid::from_u128(1), &sealed(&town, 1))
        .unwrap();
    stored.notify_one();
    came.await;
    assert_eq!(town.state().deliveries, 1);
    task.abort();
}

/// A clock that was set back does not make an expired certificate good again.
#[tokio::test]
async fn certificates_are_judged_by_the_latest_time_that_is_known() {
    let (folder, town, cloud) = town().await;
    assert!(cloud.nonce().await.is_ok());
    let settings = settings(folder.path(), &town.settings());
    let time = TrustedTime::default();
    // Long after the end of every certificate here (rcgen's default is the year 4096).
    time.cloud_says("4999-01-01T00:00:00Z".parse().unwrap());
    let late = Cloud::with_time(&settings.cloud, settings.kiosk.tenant, &time).unwrap();
    assert!(matches!(late.nonce().await, Err(CloudError::Unreachable)));
}
