//! The power goes at any moment; every application whose reception number was reported is there, once, and can be opened.
//!
//! A child of this program works on a disk that is noted down (`power_cut/disk.c`, loaded with LD_PRELOAD). Each journal is
//! then replayed up to moments all over it, which gives the disk that a power cut would have left, and the queue is opened
//! there. The last cut of each child is the disk that the next one starts on, so that recovery is cut off as well.
//!
//! GENKAN_POWER_CUTS sets how many cuts (40), GENKAN_POWER_SEED where they fall.
#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    unreachable_pub,
    reason = "a test that cannot go on may stop"
)]

#[path = "power_cut/replay.rs"]
mod replay;

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use application::{Application, Source};
use kiosk::effects::ApplicationStore;
use kiosk::outbox::{DiskQueue, Queue, QueueAlarm};
use kiosk::reception_counter::ReceptionCounter;
use kiosk::sealing_key::SealingKeyInUse;
use kiosk::settings::KioskNumber;
use kiosk_api::{Bytes, Entropy, SealedApplication, SealingKey, TenantPrivateKey};
use replay::{Cut, Disk, Record};

const DISK: &str = "GENKAN_DISK";
const REPORTS: &str = "GENKAN_REPORTS";
const JOURNAL: &str = "GENKAN_JOURNAL";
/// Power cuts in the journal of one child.
const CUTS_EACH: usize = 8;
/// Applications of one child: enough that the store's segments of 512 KiB are used again.
const APPLICATIONS: u64 = 400;

fn key() -> TenantPrivateKey {
    TenantPrivateKey::derive(&Entropy::new([5; 32]))
}

/// Runs only as the child: stores applications, and delivers the oldest once eight wait, as the delivery task does.
#[test]
fn child_process() {
    let Ok(disk) = std::env::var(DISK) else {
        return;
    };
    let disk = Path::new(&disk);
    let reports = File::create(std::env::var(REPORTS).unwrap()).unwrap();
    let queue: Arc<dyn Queue> = Arc::new(DiskQueue::open(&disk.join("outbox")).unwrap().queue);
    let delivered = Arc::clone(&queue);
    let mut out = reports.try_clone().unwrap();
    let (more, waiting) = std::sync::mpsc::channel();
    let delivery = std::thread::spawn(move || {
        while waiting.recv().is_ok() {
            if delivered.len() > 8 {
                let head = delivered.peek().unwrap().unwrap();
                say(&mut out, &format!("taking {}", head.id));
                delivered.acknowledge(head.sequence).unwrap();
                say(&mut out, &format!("taken {}", head.id));
            }
        }
    });
    let (mut store, mut out) = (store(disk, &queue), reports);
    for visit in 0..APPLICATIONS {
        let stored = store
            .store(visit, &application(visit), "2026-04-27".parse().unwrap())
            .unwrap();
        say(
            &mut out,
            &format!("kept {} {}", stored.id, stored.reception),
        );
        more.send(()).unwrap();
    }
    drop(more);
    delivery.join().unwrap();
}

/// One write: a promise is whole or was not made.
fn say(out: &mut File, line: &str) {
    out.write_all(line.as_bytes()).unwrap();
}

fn store(disk: &Path, queue: &Arc<dyn Queue>) -> ApplicationStore {
    let number = KioskNumber::try_from(7).unwrap();
    let mut counter = ReceptionCounter::open(disk.join("reception"), number).unwrap();
    let shipped = SealingKey {
        key_id: "town-1".into(),
        public_key: Bytes(key().public().to_bytes()),
    };
    let sealing_key = SealingKeyInUse::new(
        disk.join("sealing-key.json"),
        shipped,
        "990019".parse().unwrap(),
        Vec::new().into(),
    );
    ApplicationStore::new(
        Box::new(move |day| counter.next(day)),
        Arc::clone(queue),
        Arc::new(sealing_key),
        "990019".parse().unwrap(),
        "lobby-1".parse().unwrap(),
    )
}

/// Sizes as they come: most a few kilobytes, every twentieth beyond what the store itself holds.
fn application(visit: u64) -> Application {
    let mut values = application::ValueSet::default();
    let length = match visit % 20 {
        19 => 130_000,
        n => 400 + 250 * usize::try_from(n).unwrap(),
    };
    values.set("remark", "あ".repeat(length / 3), Source::Resident);
    Application {
        version: application::APPLICATION_VERSION,
        id: String::new(),
        tenant: "990019".into(),
        kiosk: "lobby-1".into(),
        reception: None,
        as_of: "2026-04-27".parse().unwrap(),
        event: "move_in".into(),
        language: "ja".into(),
        applicant: None,
        facts: serde_json::json!({ "visit": visit }),
        plan: guidance::Plan::empty("2026-04-27".parse().unwrap()),
        forms: Vec::new(),
        values,
        forms_edition: None,
        signature: application::Signature::OnPaper,
        card: application::CardCheck::None,
        notes: Vec::new(),
    }
}

/// What was promised before the power went.
#[derive(Default, Clone)]
struct Promised {
    /// Application → reception number.
    kept: BTreeMap<String, String>,
    taking: BTreeSet<String>,
    taken: BTreeSet<String>,
}

impl Promised {
    fn read_line(&mut self, line: &str) {
        let words: Vec<&str> = line.split(' ').collect();
        match words.as_slice() {
            ["kept", id, reception] => {
                self.kept.insert((*id).to_owned(), (*reception).to_owned());
            }
            ["taking", id] => drop(self.taking.insert((*id).to_owned())),
            ["taken", id] => drop(self.taken.insert((*id).to_owned())),
            _ => panic!("{line}"),
        }
    }

    fn check(&self, disk: &Path, moment: &str) {
        let opened = DiskQueue::open(&disk.join("outbox"))
            .unwrap_or_else(|error| panic!("{moment}: does not open: {error}"));
        for alarm in &opened.alarms {
            // A store rebuilt from the journal is no loss; a record that cannot be read is.
            println!("{moment}: {alarm}");
            assert!(matches!(alarm, QueueAlarm::StoreDamaged { .. }), "{moment}");
        }
        let mut found = BTreeMap::new();
        while let Some(record) = opened.queue.peek().unwrap() {
            let sealed: SealedApplication = serde_json::from_slice(&record.sealed).unwrap();
            let open = sealed
                .open(&key())
                .unwrap_or_else(|error| panic!("{moment}: {error}"));
            let before = found.insert(record.id.to_string(), open.reception.unwrap());
            assert_eq!(before, None, "{moment}: twice");
            opened.queue.acknowledge(record.sequence).unwrap();
        }
        for (id, reception) in &self.kept {
            if !self.taking.contains(id) {
                assert_eq!(found.get(id), Some(reception), "{moment}: {reception} lost");
            }
        }
        for id in &self.taken {
            assert!(!found.contains_key(id), "{moment}: {id} came back");
        }
        let numbers: BTreeSet<&String> = self.kept.values().collect();
        assert_eq!(numbers.len(), self.kept.len(), "{moment}: a number twice");
        let counter = KioskNumber::try_from(7).unwrap();
        let next = ReceptionCounter::open(disk.join("reception"), counter)
            .and_then(|mut counter| counter.next("2026-04-27".parse().unwrap()))
            .unwrap();
        assert!(
            !numbers.contains(&next),
            "{moment}: {next} would be given again"
        );
    }
}

struct Chance(u64);

impl Chance {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from((self.0 >> 33) % u64::try_from(end).unwrap()).unwrap()
    }
}

fn setting(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).map_or(otherwise, |text| text.parse().unwrap())
}

#[test]
fn every_application_with_a_number_survives_power_cuts() {
    let cuts = usize::try_from(setting("GENKAN_POWER_CUTS", 40)).unwrap();
    let mut chance = Chance(setting("GENKAN_POWER_SEED", 0x9E37_79B9));
    let work = tempfile::tempdir().unwrap();
    let shim = build(work.path());
    let mut promised = Promised::default();
    let mut disk = work.path().join("disk-0");
    fs::create_dir(&disk).unwrap();
    let mut promises_cut = 0;
    for child in 0..cuts.div_ceil(CUTS_EACH) {
        let loaded = Disk::load(&disk);
        let journal = run(work.path(), &disk, &shim, child);
        let moments: Vec<usize> = (0..CUTS_EACH)
            .map(|_| chance.below(journal.len() + 1))
            .collect();
        let next = work.path().join(format!("disk-{}", child + 1));
        let mut cutter = Cutter {
            disk: loaded,
            promised: promised.clone(),
            done: 0,
        };
        let mut sorted = moments;
        sorted.sort_unstable();
        for (n, moment) in sorted.iter().enumerate() {
            cutter.go_to(*moment, &journal);
            let cut = if chance.below(2) == 0 {
                Cut::Full
            } else {
                Cut::Torn(u64::try_from(chance.below(usize::MAX >> 1)).unwrap())
            };
            let left = work.path().join("left");
            fs::create_dir(&left).unwrap();
            cutter.disk.cut(cut, &left);
            if n + 1 == CUTS_EACH {
                copy(&left, &next);
            }
            cutter
                .promised
                .check(&left, &format!("child {child}, record {moment}, {cut:?}"));
            promises_cut += cutter.promised.kept.len();
            fs::remove_dir_all(&left).unwrap();
        }
        promised = cutter.promised;
        fs::remove_dir_all(&disk).unwrap();
        disk = next;
    }
    println!(
        "{cuts} cuts, {} promises made, {promises_cut} looked for",
        promised.kept.len()
    );
    assert!(promised.kept.len() > 100, "the children did something");
}

/// The disk and the promises at one moment of a journal.
struct Cutter {
    disk: Disk,
    promised: Promised,
    done: usize,
}

impl Cutter {
    fn go_to(&mut self, moment: usize, journal: &[Record]) {
        for record in &journal[self.done..moment] {
            self.disk.apply(record);
            if let Record::Reported(line) = record {
                self.promised.read_line(line);
            }
        }
        self.done = moment;
    }
}

fn build(work: &Path) -> PathBuf {
    let shim = work.join("disk.so");
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/power_cut/disk.c");
    let built = Command::new("cc")
        .args(["-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o"])
        .arg(&shim)
        .args([source, "-ldl", "-pthread"])
        .status()
        .expect("is build-essential installed?");
    assert!(built.success());
    shim
}

fn run(work: &Path, disk: &Path, shim: &Path, child: usize) -> Vec<Record> {
    let journal = work.join(format!("journal-{child}"));
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "child_process", "--test-threads=1"])
        .env(DISK, disk)
        .env(REPORTS, work.join("reports"))
        .env(JOURNAL, &journal)
        .env("LD_PRELOAD", shim)
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let records = replay::journal(&journal);
    fs::remove_file(journal).unwrap();
    assert!(
        records.len() > 1000,
        "the disk was noted: {}",
        records.len()
    );
    records
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &to.join(entry.file_name()));
        } else {
            fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
        }
    }
}
