//! What the kiosk fetches by itself: the town's masters come over the catalogue in use, and stay over a restart.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test that cannot go on may stop"
)]

mod stand_in;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use guidance::Catalogue;
use jiff::Timestamp;
use jiff::civil::date;
use kiosk::cloud::Cloud;
use kiosk::cloud::upkeep::{News, SealingKeyInUse, Upkeep};
use kiosk::editions::{Edition, Forms, Shelf, TrustedKeys};
use kiosk::settings::Settings;
use kiosk::vitals::Vitals;
use kiosk_api::TownMasters;
use serde_json::json;
use stand_in::StandIn;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

const EXAMPLE: &str = include_str!("../kiosk.example.toml");

struct Hall {
    folder: tempfile::TempDir,
    town: StandIn,
    cloud: Cloud,
}

impl Hall {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let town = StandIn::start(folder.path()).await;
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

    fn shelf(&self) -> Shelf {
        let assets = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../assets");
        Shelf::new(
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
    fn keep_up(&self) -> UnboundedReceiver<Edition<Catalogue>> {
        let (sender, news) = unbounded_channel();
        let vitals = Arc::new(Vitals::default());
        let key = stand_in::sealing_key(&self.town.key);
        let upkeep = Upkeep {
            cloud: self.cloud.clone(),
            shelf: self.shelf(),
            sealing_key: Arc::new(SealingKeyInUse::new(
                self.folder.path().join("kept-key.json"),
                key,
            )),
            news: Box::new(move |news| {
                if let News::Catalogue(edition) = news {
                    let _ = sender.send(edition);
                }
            }),
            vitals: Box::new(move || vitals.heartbeat(Timestamp::UNIX_EPOCH, 0)),
            answered: Box::new(|_| {}),
            heartbeat_every: Duration::from_millis(5),
            editions_every: Duration::from_secs(3600),
        };
        let (rules, problems) = self.shelf().begin_rules().unwrap();
        assert!(problems.is_empty(), "{problems:?}");
        let forms = self.shelf().begin::<Forms>().unwrap().0;
        tokio::spawn(async move { upkeep.run(rules, &forms).await });
        news
    }

    fn sets(&self, revision: u64, day: &str) {
        let masters = serde_json::from_value(json!({"closed": {day: "町制記念日"}})).unwrap();
        self.town.desk().masters = TownMasters { revision, masters };
    }
}

#[tokio::test]
async fn masters_come_over_the_catalogue_and_stay_over_a_restart() {
    let hall = Hall::new().await;
    let mut news = hall.keep_up();
    hall.sets(1, "2026-12-15");
    let edition = news.recv().await.unwrap();
    assert!(edition.content.calendar().is_closed(date(2026, 12, 15)));
    hall.sets(2, "2026-12-16");
    let edition = news.recv().await.unwrap();
    let calendar = edition.content.calendar();
    assert!(calendar.is_closed(date(2026, 12, 16)) && !calendar.is_closed(date(2026, 12, 15)));
    let (rules, problems) = hall.shelf().begin_rules().unwrap();
    assert!(problems.is_empty());
    assert_eq!(rules.masters_etag(), "\"masters-2\"");
    assert_eq!(rules.in_use().content.digest(), edition.content.digest());
}

#[tokio::test]
async fn masters_that_cannot_be_are_not_taken() {
    let hall = Hall::new().await;
    let mut news = hall.keep_up();
    let wrong = serde_json::from_value(json!({"closed": {"2026-12-15": ""}})).unwrap();
    hall.town.desk().masters = TownMasters {
        revision: 1,
        masters: wrong,
    };
    // Asked for once and not again: only the next revision is news.
    while hall.town.desk().heartbeats.len() < 3 {
        hall.town.came.notified().await;
    }
    assert!(!hall.kept().exists());
    hall.sets(2, "2026-12-17");
    let edition = news.recv().await.unwrap();
    assert!(edition.content.calendar().is_closed(date(2026, 12, 17)));
    assert!(!edition.content.calendar().is_closed(date(2026, 12, 15)));
}

#[tokio::test]
async fn a_kept_file_that_is_broken_is_told_and_replaced() {
    let hall = Hall::new().await;
    fs::create_dir_all(hall.kept().parent().unwrap()).unwrap();
    fs::write(hall.kept(), "{\"revision\": 7, ").unwrap();
    let (rules, problems) = hall.shelf().begin_rules().unwrap();
    let told = problems.iter().map(ToString::to_string).collect::<String>();
    assert!(told.contains("masters.json"), "{told}");
    assert_eq!(rules.masters_etag(), "\"masters-0\"");
}
