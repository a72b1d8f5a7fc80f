//! What the kiosk fetches by itself: the town's masters come over the catalogue in use, and stay over a restart.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test that cannot go on may stop"
)]

mod fake_cloud;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use fake_cloud::FakeCloud;
use guidance::Catalogue;
use jiff::Timestamp;
use jiff::civil::date;
use kiosk::cloud::{Cloud, CloudSync};
use kiosk::editions::{Edition, EditionStore, Forms, NewEdition, TrustedKeys};
use kiosk::kiosk_health::KioskHealth;
use kiosk::sealing_key::SealingKeyInUse;
use kiosk::settings::Settings;
use kiosk_api::{Bytes, Entropy, SealingKey, SignedSealingKey, TenantPrivateKey, TownMasters};
use serde_json::json;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

const EXAMPLE: &str = include_str!("../kiosk.example.toml");

/// The town's edition key.
fn signer() -> Ed25519KeyPair {
    Ed25519KeyPair::from_seed_unchecked(&[7; 32]).unwrap()
}

/// As the program makes it at its start.
fn key_in_use(folder: &Path, town: &FakeCloud) -> SealingKeyInUse {
    let trusted = vec![("town-1".to_owned(), signer().public_key().as_ref().to_vec())];
    SealingKeyInUse::new(
        folder.join("kept-key.json"),
        fake_cloud::sealing_key(&town.key),
        "990019".parse().unwrap(),
        trusted.into(),
    )
}

/// A new key of this town, signed now.
fn signed(seed: u8, tenant: &str, signed_at: &str) -> SignedSealingKey {
    let private = TenantPrivateKey::derive(&Entropy::new([seed; 32]));
    let mut signed = SignedSealingKey {
        tenant: tenant.parse().unwrap(),
        key: SealingKey {
            key_id: format!("key-{seed}"),
            public_key: private.public().to_bytes().into(),
        },
        signed_at: signed_at.parse().unwrap(),
        signer: "town-1".to_owned(),
        signature: Bytes::default(),
    };
    signed.signature = Bytes(signer().sign(&signed.canonical_bytes()).as_ref().to_vec());
    signed
}

struct TestSite {
    folder: tempfile::TempDir,
    town: FakeCloud,
    cloud: Cloud,
    sealing_key: Arc<SealingKeyInUse>,
}

impl TestSite {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let town = FakeCloud::start(folder.path()).await;
        let (before, rest) = EXAMPLE.split_once("[cloud]").unwrap();
        let after = rest.split_once("\n[").map_or("", |(_, after)| after);
        let text = format!("{before}{}\n[{after}", town.settings());
        let settings = Settings::parse(&text, &folder.path().join("kiosk.toml")).unwrap();
        let cloud = Cloud::new(&settings.cloud, settings.kiosk.tenant).unwrap();
        let sealing_key = Arc::new(key_in_use(folder.path(), &town));
        Self {
            folder,
            town,
            cloud,
            sealing_key,
        }
    }

    fn edition_store(&self) -> EditionStore {
        let assets = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../assets");
        EditionStore::new(
            &self.folder.path().join("editions"),
            &assets,
            "990019".parse().unwrap(),
            TrustedKeys::from(Vec::new()),
        )
    }

    fn kept(&self) -> PathBuf {
        self.folder.path().join("editions/masters.json")
    }

    /// Starts the task, as the program does.
    fn start_sync(&self) -> UnboundedReceiver<Edition<Catalogue>> {
        let (sender, news) = unbounded_channel();
        let health = Arc::new(KioskHealth::default());
        let cloud_sync = CloudSync {
            cloud: self.cloud.clone(),
            time: kiosk::trusted_time::TrustedTime::default(),
            edition_store: self.edition_store(),
            sealing_key: Arc::clone(&self.sealing_key),
            new_edition: Box::new(move |edition| {
                if let NewEdition::Catalogue(edition) = edition {
                    let _ = sender.send(edition);
                }
            }),
            heartbeat: Box::new(move || health.heartbeat(Timestamp::UNIX_EPOCH, 0)),
            heartbeat_delivered: Box::new(|_| {}),
            heartbeat_every: Duration::from_millis(5),
            editions_every: Duration::from_secs(3600),
        };
        let (rules, problems) = self.edition_store().load_rules().unwrap();
        assert!(problems.is_empty(), "{problems:?}");
        let forms = self.edition_store().load::<Forms>().unwrap().0;
        tokio::spawn(async move { cloud_sync.run(rules, &forms).await });
        news
    }

    fn sets(&self, revision: u64, day: &str) {
        let masters = serde_json::from_value(json!({"closed": {day: "町制記念日"}})).unwrap();
        self.town.state().masters = TownMasters { revision, masters };
    }
}

#[tokio::test]
async fn masters_come_over_the_catalogue_and_stay_over_a_restart() {
    let site = TestSite::new().await;
    let mut news = site.start_sync();
    site.sets(1, "2026-12-15");
    let edition = news.recv().await.unwrap();
    assert!(edition.content.calendar().is_closed(date(2026, 12, 15)));
    site.sets(2, "2026-12-16");
    let edition = news.recv().await.unwrap();
    let calendar = edition.content.calendar();
    assert!(calendar.is_closed(date(2026, 12, 16)) && !calendar.is_closed(date(2026, 12, 15)));
    let (rules, problems) = site.edition_store().load_rules().unwrap();
    assert!(problems.is_empty());
    assert_eq!(rules.masters_etag(), "\"masters-2\"");
    assert_eq!(rules.catalogue().content.digest(), edition.content.digest());
}

#[tokio::test]
async fn masters_that_cannot_be_are_not_taken() {
    let site = TestSite::new().await;
    let mut news = site.start_sync();
    let wrong = serde_json::from_value(json!({"closed": {"2026-12-15": ""}})).unwrap();
    site.town.state().masters = TownMasters {
        revision: 1,
        masters: wrong,
    };
    // Asked for once and not again: only the next revision is news.
    while site.town.state().heartbeats.len() < 3 {
        site.town.came.notified().await;
    }
    assert!(!site.kept().exists());
    site.sets(2, "2026-12-17");
    let edition = news.recv().await.unwrap();
    assert!(edition.content.calendar().is_closed(date(2026, 12, 17)));
    assert!(!edition.content.calendar().is_closed(date(2026, 12, 15)));
}

#[tokio::test]
async fn a_kept_file_that_is_broken_is_reported_and_replaced() {
    let site = TestSite::new().await;
    fs::create_dir_all(site.kept().parent().unwrap()).unwrap();
    fs::write(site.kept(), "{\"revision\": 7, ").unwrap();
    let (rules, problems) = site.edition_store().load_rules().unwrap();
    let message = problems.iter().map(ToString::to_string).collect::<String>();
    assert!(message.contains("masters.json"), "{message}");
    assert_eq!(rules.masters_etag(), "\"masters-0\"");
}

#[tokio::test]
async fn a_sealing_key_is_taken_from_the_cloud_only_with_the_towns_signature() {
    let site = TestSite::new().await;
    let in_use = |site: &TestSite| site.sealing_key.get().key_id;
    assert_eq!(in_use(&site), "town-1", "the one it was set up with");
    let good = signed(2, "990019", "2026-12-01T00:00:00Z");
    let mut foreign_signer = good.clone();
    foreign_signer.signer = "front".to_owned();
    let mut changed = good.clone();
    changed.key.public_key = signed(3, "990019", "2026-12-01T00:00:00Z").key.public_key;
    let mut unsigned = good.clone();
    unsigned.signature = Bytes::default();
    let another = signed(4, "990027", "2026-12-01T00:00:00Z");
    for bad in [foreign_signer, changed, unsigned, another] {
        site.sealing_key.replace(&bad);
        assert_eq!(in_use(&site), "town-1", "the last good one stays");
    }
    // Over the connection, as the program fetches it.
    site.town.state().sealing_key = Some(good);
    let mut news = site.start_sync();
    site.sets(1, "2026-12-15");
    news.recv().await.unwrap();
    while in_use(&site) != "key-2" {
        site.town.came.notified().await;
    }
    let restarted = key_in_use(site.folder.path(), &site.town);
    assert_eq!(restarted.get().key_id, "key-2", "kept");
    site.sealing_key
        .replace(&signed(5, "990019", "2026-11-30T00:00:00Z"));
    assert_eq!(in_use(&site), "key-2", "a replaced one does not come back");
}

#[tokio::test]
async fn a_kept_sealing_key_that_nobody_signed_is_not_used() {
    let site = TestSite::new().await;
    let kept = site.folder.path().join("kept-key.json");
    let stranger = fake_cloud::sealing_key(&TenantPrivateKey::derive(&Entropy::new([9; 32])));
    fs::write(&kept, serde_json::to_vec(&stranger).unwrap()).unwrap();
    let restarted = key_in_use(site.folder.path(), &site.town);
    assert!(restarted.get() == fake_cloud::sealing_key(&site.town.key));
}
