//! The queue on the kiosk's disk: `sled` 0.34.7, made durable.
//!
//! `sled`'s own flush ends with `sync_file_range`, which is not durable, and it never syncs a folder. Hence: the store's
//! folder and its parent are fsynced after opening, one thread writes, and after each group it calls `fdatasync` on a
//! second handle to the store's file before anything is acknowledged. The store's own timer is off. Since even so a power cut
//! in the middle of a group can leave a store that does not open, a journal holds every record as well.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::JoinHandle;

use uuid::Uuid;

use super::journal::{Journal, Recovered};
use super::queue_writer::{QueueWriter, Work};
use super::store::{self, Found, OpenError, catch_panic, disk_error};
use super::{MOST_BYTES, Queue, QueueAlarm, QueueError, Record};
use crate::durable_file;

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

/// An opened queue and what staff must know of.
pub struct Opened {
    /// Ready for use.
    pub queue: DiskQueue,
    /// What was found damaged; nothing of it was deleted.
    pub alarms: Vec<QueueAlarm>,
}

impl DiskQueue {
    /// Opens or makes the queue in `folder`. A store that will not open is renamed, and a new one made from the journal:
    /// a kiosk that can take applications is worth more than one that waits for a technician.
    ///
    /// # Errors
    /// When the disk fails, or another process has the store open.
    pub fn open(folder: &Path) -> Result<Opened, QueueError> {
        match Self::open_store(folder) {
            Ok(opened) => Ok(opened),
            Err(OpenError::Disk(reason)) => Err(QueueError::Disk(reason)),
            Err(OpenError::Damaged(reason)) => {
                let kept = store::set_aside(&folder.join("store")).map_err(disk_error)?;
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
        let store_folder = folder.join("store");
        let large = folder.join("large");
        durable_file::make_folder(folder)?;
        durable_file::make_folder(&large)?;
        let db = catch_panic(|| {
            sled::Config::default()
                .path(&store_folder)
                .flush_every_ms(None)
                .cache_capacity(16 << 20)
                .open()
        })?;
        durable_file::sync_folder(&store_folder)?;
        durable_file::sync_folder(folder)?;
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .open(store_folder.join("db"))?;
        let path = folder.join("journal");
        let recovered = Recovered::read(&path)?;
        catch_panic(|| store::restore(&db, &recovered))?;
        file.sync_data()?;
        let mut found = catch_panic(|| store::scan(&db, &large))?;
        found.next = found.next.max(recovered.last() + 1);
        let journal = Journal::rewrite(
            &path,
            found.next - 1,
            catch_panic(|| store::all_values(&db))?,
        )?;
        store::remove_orphans(&large, &found.files)?;
        Ok(Self::start(db, file, journal, large, found)?)
    }

    fn start(
        db: sled::Db,
        file: File,
        journal: Journal,
        large: PathBuf,
        found: Found,
    ) -> io::Result<Opened> {
        let waiting = Arc::new(AtomicUsize::new(found.sequences.len()));
        let queue_writer = QueueWriter {
            db: db.clone(),
            file,
            journal,
            large: large.clone(),
            next: found.next,
            sequences: found.sequences,
            waiting: Arc::clone(&waiting),
        };
        let (work, receiver) = sync_channel(1024);
        let writer = std::thread::Builder::new()
            .name("outbox".into())
            .spawn(move || queue_writer.run(&receiver))?;
        let queue = Self {
            db,
            large,
            work: Some(work),
            writer: Some(writer),
            waiting,
        };
        // Through the thread, so that putting aside is durable too; it only moves a value within the store.
        let mut alarms = Vec::new();
        for sequence in &found.damaged {
            let _ = queue.send(|answer| Work::PutAside {
                sequence: *sequence,
                answer,
            });
        }
        for sequence in &found.put_aside {
            let _ = queue.send(|answer| Work::TakeBack {
                sequence: *sequence,
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
        let (key, stored) = entry.map_err(disk_error)?;
        let sequence = store::sequence_of(&key);
        match store::load(sequence, &stored, &self.large) {
            Ok(record) => Ok(Some(record)),
            Err(reason) => {
                self.send(|answer| Work::PutAside { sequence, answer })?;
                Err(QueueError::Broken { sequence, reason })
            }
        }
    }

    fn acknowledge(&self, sequence: u64) -> Result<(), QueueError> {
        self.send(|answer| Work::Remove { sequence, answer })
            .map(|_| ())
    }

    fn put_aside(&self, sequence: u64) -> Result<(), QueueError> {
        self.send(|answer| Work::PutAside { sequence, answer })
            .map(|_| ())
    }

    fn len(&self) -> usize {
        self.waiting.load(Ordering::Acquire)
    }
}
