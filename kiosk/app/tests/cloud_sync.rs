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

use fake_cloud::FakeCloud;
use guidance::Catalogue;
use jiff::Timestamp;
use jiff::civil::date;
use kiosk::cloud::{Cloud, CloudSync};
use kiosk::editions::{Edition, EditionStore, Forms, NewEdition, TrustedKeys};
use kiosk::kiosk_health::KioskHealth;
use kiosk::sealing_key::SealingKeyInUse;
use kiosk::settings::Settings;
use kiosk_api::TownMasters;
use serde_json::json;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

const EXAMPLE: &str = include_str!("../kiosk.example.toml");

struct TestSite {
    folder: tempfile::TempDir,
    town: FakeCloud,
    cloud: Cloud,
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
        Self {
            folder,
            town,
            cloud,
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
        let key = fake_cloud::sealing_key(&self.town.key);
        let cloud_sync = CloudSync {
            cloud: self.cloud.clone(),
            edition_store: self.edition_store(),
            sealing_key: Arc::new(SealingKeyInUse::new(
                self.folder.path().join("kept-key.json"),
                key,
            )),
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
