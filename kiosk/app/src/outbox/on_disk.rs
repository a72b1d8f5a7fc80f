//! The queue on the kiosk's disk: `sled` 0.34.7, made durable.
//!
//! `sled`'s own flush ends with `sync_file_range`, which is not durable, and it never syncs a folder. Hence: the store's
//! folder and its parent are fsynced after opening, one thread writes, and after each group it calls `fdatasync` on a
//! second handle to the store's file before anything is acknowledged. The store's own timer is off. Since even so a power cut
//! in the middle of a group can leave a store that does not open, a journal holds every record as well.

use std::collections::{HashMap, HashSet};
use std::fs::{self, File, OpenOptions};
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::JoinHandle;

use uuid::Uuid;

use super::flusher::{Flusher, Work};
use super::journal::{Journal, Recovered};
use super::value::{self, Kind};
use super::{MOST_BYTES, Queue, QueueAlarm, QueueError, Record};
use crate::durable_file;

pub(super) const NEXT_KEY: &[u8] = b"n";

pub(super) fn record_key(place: u64) -> [u8; 9] {
    key(b'r', place)
}

pub(super) fn aside_key(place: u64) -> [u8; 9] {
    key(b'x', place)
}

fn key(prefix: u8, place: u64) -> [u8; 9] {
    let mut key = [prefix; 9];
    key[1..].copy_from_slice(&place.to_be_bytes());
    key
}

/// The queue in one folder, which no other process may have open.
pub struct DiskQueue {
    db: sled::Db,
    large: PathBuf,
    /// `None` only while being dropped.
    work: Option<SyncSender<Work>>,
    writer: Option<JoinHandle<()>>,
    waiting: Arc<AtomicUsize>,
}

impl Drop for DiskQueue {
    /// The writer holds the store too: only when it is gone may somebody else open it.
    fn drop(&mut self) {
        self.work = None;
        if let Some(writer) = self.writer.take() {
            let _ = writer.join();
        }
    }
}

/// An opened queue and what staff must hear of.
pub struct Opened {
    /// The queue.
    pub queue: DiskQueue,
    /// What was found damaged; nothing of it was deleted.
    pub alarms: Vec<QueueAlarm>,
}

impl DiskQueue {
    /// Opens or makes the queue in `folder`. A store that will not open is renamed aside, and a new one made from the journal:
    /// a kiosk that can take applications is worth more than one that waits for a technician.
    ///
    /// # Errors
    /// When the disk fails, or another process has the store open.
    pub fn open(folder: &Path) -> Result<Opened, QueueError> {
        match Self::open_store(folder) {
            Ok(opened) => Ok(opened),
            Err(OpenError::Disk(reason)) => Err(QueueError::Disk(reason)),
            Err(OpenError::Damaged(reason)) => {
                let kept = set_aside(&folder.join("store")).map_err(disk)?;
                let mut opened =
                    Self::open_store(folder).map_err(|error| QueueError::Disk(error.reason()))?;
                opened
                    .alarms
                    .insert(0, QueueAlarm::StoreDamaged { kept, reason });
                Ok(opened)
            }
        }
    }

    fn open_store(folder: &Path) -> Result<Opened, OpenError> {
        let store = folder.join("store");
        let large = folder.join("large");
        durable_file::make_folder(folder)?;
        durable_file::make_folder(&large)?;
        let db = quietly(|| {
            sled::Config::default()
                .path(&store)
                .flush_every_ms(None)
                .cache_capacity(16 << 20)
                .open()
        })?;
        durable_file::sync_folder(&store)?;
        durable_file::sync_folder(folder)?;
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .open(store.join("db"))?;
        let path = folder.join("journal");
        let recovered = Recovered::read(&path)?;
        quietly(|| restore(&db, &recovered))?;
        file.sync_data()?;
        let mut found = quietly(|| scan(&db, &large))?;
        found.next = found.next.max(recovered.last() + 1);
        let journal = Journal::begin(&path, found.next - 1, quietly(|| everything(&db))?)?;
        remove_orphans(&large, &found.files)?;
        Ok(Self::start(db, file, journal, large, found)?)
    }

    fn start(
        db: sled::Db,
        file: File,
        journal: Journal,
        large: PathBuf,
        found: Found,
    ) -> io::Result<Opened> {
        let waiting = Arc::new(AtomicUsize::new(found.places.len()));
        let flusher = Flusher {
            db: db.clone(),
            file,
            journal,
            large: large.clone(),
            next: found.next,
            places: found.places,
            waiting: Arc::clone(&waiting),
        };
        let (work, receiver) = sync_channel(1024);
        let writer = std::thread::Builder::new()
            .name("outbox".into())
            .spawn(move || flusher.run(&receiver))?;
        let queue = Self {
            db,
            large,
            work: Some(work),
            writer: Some(writer),
            waiting,
        };
        // Through the thread, so that putting aside is durable too; it only moves a value within the store.
        let mut alarms = Vec::new();
        for place in &found.damaged {
            let _ = queue.send(|answer| Work::PutAside {
                place: *place,
                answer,
            });
        }
        for place in &found.again {
            let _ = queue.send(|answer| Work::Restore {
                place: *place,
                answer,
            });
        }
        if !found.damaged.is_empty() {
            alarms.push(QueueAlarm::RecordsDamaged {
                count: found.damaged.len(),
            });
        }
        Ok(Opened { queue, alarms })
    }

    fn send(
        &self,
        work: impl FnOnce(SyncSender<Result<u64, QueueError>>) -> Work,
    ) -> Result<u64, QueueError> {
        let (answer, answered) = sync_channel(1);
        let writer = self.work.as_ref().ok_or(QueueError::Stopped)?;
        writer.send(work(answer)).map_err(|_| QueueError::Stopped)?;
        answered.recv().map_err(|_| QueueError::Stopped)?
    }
}

impl Queue for DiskQueue {
    fn enqueue(&self, id: Uuid, sealed: &[u8]) -> Result<u64, QueueError> {
        if sealed.len() > MOST_BYTES {
            return Err(QueueError::TooLarge(sealed.len()));
        }
        self.send(|answer| Work::Put {
            id,
            sealed: sealed.to_vec(),
            answer,
        })
    }

    fn peek(&self) -> Result<Option<Record>, QueueError> {
        let Some(entry) = self.db.scan_prefix(b"r").next() else {
            return Ok(None);
        };
        let (key, stored) = entry.map_err(disk)?;
        let place = place_of(&key);
        match load(place, &stored, &self.large) {
            Ok(record) => Ok(Some(record)),
            Err(reason) => {
                self.send(|answer| Work::PutAside { place, answer })?;
                Err(QueueError::Broken { place, reason })
            }
        }
    }

    fn acknowledge(&self, place: u64) -> Result<(), QueueError> {
        self.send(|answer| Work::Remove { place, answer })
            .map(|_| ())
    }

    fn put_aside(&self, place: u64) -> Result<(), QueueError> {
        self.send(|answer| Work::PutAside { place, answer })
            .map(|_| ())
    }

    fn len(&self) -> usize {
        self.waiting.load(Ordering::Acquire)
    }
}

fn place_of(key: &[u8]) -> u64 {
    key.get(1..9).map_or(u64::MAX, |place| {
        u64::from_be_bytes(std::array::from_fn(|i| place[i]))
    })
}

fn load(place: u64, stored: &[u8], large: &Path) -> Result<Record, &'static str> {
    let (head, inline) = value::decode(place, stored)?;
    let sealed = match head.kind {
        Kind::Inline => inline.to_vec(),
        Kind::File => fs::read(large.join(head.file_name())).map_err(|_| "its file is missing")?,
    };
    head.check(&sealed)?;
    Ok(Record {
        place,
        id: head.id,
        sealed,
    })
}

/// Gives the store what the journal has and it has not, and takes from it what has left.
fn restore(db: &sled::Db, recovered: &Recovered) -> Result<(), sled::Error> {
    let mut batch = sled::Batch::default();
    for (place, value) in &recovered.live {
        if !db.contains_key(record_key(*place))? && !db.contains_key(aside_key(*place))? {
            batch.insert(record_key(*place).as_slice(), value.as_slice());
        }
    }
    for place in &recovered.gone {
        batch.remove(record_key(*place).as_slice());
        batch.remove(aside_key(*place).as_slice());
    }
    db.apply_batch(batch)?;
    db.flush().map(|_| ())
}

/// Every stored value, in the queue or aside, with its place.
pub(super) fn everything(db: &sled::Db) -> Result<Vec<(u64, Vec<u8>)>, sled::Error> {
    db.scan_prefix(b"r")
        .chain(db.scan_prefix(b"x"))
        .map(|entry| entry.map(|(key, stored)| (place_of(&key), stored.to_vec())))
        .collect()
}

/// What the store holds when it is opened.
struct Found {
    next: u64,
    places: HashMap<Uuid, u64>,
    files: HashSet<String>,
    damaged: Vec<u64>,
    /// Whole records that were put aside: the cloud gets another chance at each start.
    again: Vec<u64>,
}

fn scan(db: &sled::Db, large: &Path) -> Result<Found, sled::Error> {
    let mut found = Found {
        next: 1,
        places: HashMap::new(),
        files: HashSet::new(),
        damaged: Vec::new(),
        again: Vec::new(),
    };
    if let Some(next) = db.get(NEXT_KEY)?
        && let Ok(next) = <[u8; 8]>::try_from(next.as_ref())
    {
        found.next = u64::from_be_bytes(next);
    }
    for entry in db.scan_prefix(b"r") {
        let (key, stored) = entry?;
        let place = place_of(&key);
        found.next = found.next.max(place.saturating_add(1));
        match load(place, &stored, large) {
            Ok(record) => {
                found.places.insert(record.id, place);
                found.files.insert(value::file_name(place, record.id));
            }
            Err(_) => {
                found.damaged.push(place);
                found.keep_file(place, &stored);
            }
        }
    }
    for entry in db.scan_prefix(b"x") {
        let (key, stored) = entry?;
        let place = place_of(&key);
        found.keep_file(place, &stored);
        if let Ok(record) = load(place, &stored, large)
            && found.places.insert(record.id, place).is_none()
        {
            found.again.push(place);
        }
    }
    Ok(found)
}

impl Found {
    fn keep_file(&mut self, place: u64, stored: &[u8]) {
        if let Ok((head, _)) = value::decode(place, stored) {
            self.files.insert(head.file_name());
        }
    }
}

/// Large files that no record names: written for a record that was never acknowledged, or already delivered.
fn remove_orphans(large: &Path, named: &HashSet<String>) -> io::Result<()> {
    for entry in fs::read_dir(large)? {
        let entry = entry?;
        if !entry
            .file_name()
            .to_str()
            .is_some_and(|name| named.contains(name))
        {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// Renames a damaged folder; the name tells when.
fn set_aside(folder: &Path) -> io::Result<PathBuf> {
    let stamp = jiff::Timestamp::now()
        .strftime("%Y%m%dT%H%M%SZ")
        .to_string();
    let name = folder
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    let kept = (0..)
        .map(|n| {
            if n == 0 {
                format!("{name}.damaged-{stamp}")
            } else {
                format!("{name}.damaged-{stamp}-{n}")
            }
        })
        .map(|name| folder.with_file_name(name))
        .find(|path| !path.exists())
        .unwrap_or_else(|| folder.with_extension("damaged"));
    fs::rename(folder, &kept)?;
    durable_file::sync_folder(durable_file::folder_of(folder))?;
    Ok(kept)
}

/// A damaged store is reported by an error or, for some damages, by a panic inside the library.
fn quietly<T>(work: impl FnOnce() -> Result<T, sled::Error>) -> Result<T, OpenError> {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(result) => result.map_err(OpenError::from),
        Err(_) => Err(OpenError::Damaged("the store's library panicked".into())),
    }
}

enum OpenError {
    Disk(String),
    Damaged(String),
}

impl OpenError {
    fn reason(self) -> String {
        match self {
            Self::Disk(reason) | Self::Damaged(reason) => reason,
        }
    }
}

impl From<sled::Error> for OpenError {
    fn from(error: sled::Error) -> Self {
        match error {
            sled::Error::Io(_) => Self::Disk(error.to_string()),
            _ => Self::Damaged(error.to_string()),
        }
    }
}

impl From<io::Error> for OpenError {
    fn from(error: io::Error) -> Self {
        Self::Disk(error.to_string())
    }
}

#[expect(clippy::needless_pass_by_value, reason = "used as map_err(disk)")]
pub(super) fn disk(error: impl ToString) -> QueueError {
    QueueError::Disk(error.to_string())
}
