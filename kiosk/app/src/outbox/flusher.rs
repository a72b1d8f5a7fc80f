//! The one thread that writes: whatever waits is written together and synced once (group commit), in the journal first and
//! then in the store.

use std::collections::HashMap;
use std::fs::{self, File};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender};

use uuid::Uuid;

use super::journal::{self, Journal};
use super::value::{self, MOST_INLINE};
use super::{QueueError, on_disk};
use crate::durable_file;

/// The most writes in one group, so that one failed sync disappoints few.
const MOST_TOGETHER: usize = 256;

/// A write, and where its answer goes.
pub(super) enum Work {
    Put {
        id: Uuid,
        sealed: Vec<u8>,
        answer: SyncSender<Result<u64, QueueError>>,
    },
    Remove {
        place: u64,
        answer: SyncSender<Result<u64, QueueError>>,
    },
    PutAside {
        place: u64,
        answer: SyncSender<Result<u64, QueueError>>,
    },
    Restore {
        place: u64,
        answer: SyncSender<Result<u64, QueueError>>,
    },
}

/// What the thread owns.
pub(super) struct Flusher {
    pub(super) db: sled::Db,
    /// A second handle to the store's file: the store itself never calls fdatasync when it flushes.
    pub(super) file: File,
    pub(super) journal: Journal,
    pub(super) large: PathBuf,
    pub(super) next: u64,
    pub(super) places: HashMap<Uuid, u64>,
    pub(super) waiting: Arc<AtomicUsize>,
}

/// One answer that may be given once the group is on the disk.
struct Promise {
    place: u64,
    answer: SyncSender<Result<u64, QueueError>>,
}

#[derive(Default)]
struct Group {
    batch: sled::Batch,
    /// The same for the journal; putting aside and taking back are the store's own affair.
    entries: Vec<u8>,
    promises: Vec<Promise>,
    /// Large files that are not needed once the group is on the disk.
    obsolete: Vec<PathBuf>,
    /// Ids that leave once the group is on the disk.
    gone: Vec<u64>,
    added: Vec<(Uuid, u64)>,
}

impl Flusher {
    /// Works until every sender is gone. After a failed write it refuses everything.
    pub(super) fn run(mut self, work: &Receiver<Work>) {
        let mut stopped = false;
        while let Ok(first) = work.recv() {
            let all: Vec<Work> = std::iter::once(first)
                .chain(work.try_iter().take(MOST_TOGETHER - 1))
                .collect();
            if stopped {
                all.into_iter()
                    .for_each(|one| refuse(one, QueueError::Stopped));
                continue;
            }
            let group = self.gather(all);
            match self.commit(&group) {
                Ok(()) => {
                    self.settle(group);
                    self.shorten_journal();
                }
                Err(error) => {
                    tracing::error!(kind = "outbox-write", %error, "the outbox stopped");
                    stopped = true;
                    for promise in group.promises {
                        let _ = promise.answer.send(Err(error.clone()));
                    }
                }
            }
        }
    }

    fn gather(&mut self, all: Vec<Work>) -> Group {
        let mut group = Group::default();
        for work in all {
            match work {
                Work::Put { id, sealed, answer } => self.put(&mut group, id, &sealed, answer),
                Work::Remove { place, answer } => {
                    self.take_out(&mut group, place);
                    group.promises.push(Promise { place, answer });
                }
                Work::PutAside { place, answer } => {
                    self.rename(
                        &mut group,
                        on_disk::record_key(place),
                        on_disk::aside_key(place),
                    );
                    group.gone.push(place);
                    group.promises.push(Promise { place, answer });
                }
                Work::Restore { place, answer } => {
                    self.rename(
                        &mut group,
                        on_disk::aside_key(place),
                        on_disk::record_key(place),
                    );
                    group.promises.push(Promise { place, answer });
                }
            }
        }
        group
    }

    fn put(
        &mut self,
        group: &mut Group,
        id: Uuid,
        sealed: &[u8],
        answer: SyncSender<Result<u64, QueueError>>,
    ) {
        let queued = self.places.get(&id).copied();
        let together = group
            .added
            .iter()
            .find(|(added, _)| *added == id)
            .map(|(_, place)| *place);
        if let Some(place) = queued.or(together) {
            group.promises.push(Promise { place, answer });
            return;
        }
        let place = self.next;
        if sealed.len() > MOST_INLINE
            && let Err(error) =
                durable_file::replace(&self.large.join(value::file_name(place, id)), sealed)
        {
            let _ = answer.send(Err(QueueError::Disk(error.to_string())));
            return;
        }
        self.next += 1;
        let value = value::encode(place, id, sealed);
        journal::put(&mut group.entries, place, &value);
        group
            .batch
            .insert(on_disk::record_key(place).as_slice(), value);
        group
            .batch
            .insert(on_disk::NEXT_KEY, &self.next.to_be_bytes());
        group.added.push((id, place));
        group.promises.push(Promise { place, answer });
    }

    fn rename(&self, group: &mut Group, from: [u8; 9], to: [u8; 9]) {
        if let Ok(Some(value)) = self.db.get(from) {
            group.batch.insert(to.as_slice(), value);
            group.batch.remove(from.as_slice());
        }
    }

    fn take_out(&self, group: &mut Group, place: u64) {
        let key = on_disk::record_key(place);
        if let Ok(Some(stored)) = self.db.get(key)
            && let Ok((head, _)) = value::decode(place, &stored)
            && head.kind == value::Kind::File
        {
            group.obsolete.push(self.large.join(head.file_name()));
        }
        group.batch.remove(key.as_slice());
        journal::gone(&mut group.entries, place);
        group.gone.push(place);
    }

    /// The journal makes it durable. The store follows: its `flush` hands the log to the kernel, and only the fdatasync on our
    /// own handle keeps it from lagging behind.
    fn commit(&mut self, group: &Group) -> Result<(), QueueError> {
        self.journal.append(&group.entries).map_err(on_disk::disk)?;
        self.db
            .apply_batch(group.batch.clone())
            .map_err(on_disk::disk)?;
        self.db.flush().map_err(on_disk::disk)?;
        self.file.sync_data().map_err(on_disk::disk)
    }

    /// The old journal stays good until the new one is whole, so a failure here costs only room.
    fn shorten_journal(&mut self) {
        if !self.journal.is_long() {
            return;
        }
        let begun = on_disk::everything(&self.db)
            .map_err(|error| error.to_string())
            .and_then(|live| {
                Journal::begin(self.journal.path(), self.next - 1, live)
                    .map_err(|error| error.to_string())
            });
        match begun {
            Ok(journal) => self.journal = journal,
            Err(error) => tracing::error!(kind = "outbox-journal", %error),
        }
    }

    fn settle(&mut self, group: Group) {
        self.places.extend(group.added);
        self.places.retain(|_, place| !group.gone.contains(place));
        self.waiting.store(self.places.len(), Ordering::Release);
        for file in group.obsolete {
            // A file that stays behind is removed at the next start: nothing refers to it.
            let _ = fs::remove_file(file);
        }
        for promise in group.promises {
            let _ = promise.answer.send(Ok(promise.place));
        }
    }
}

fn refuse(work: Work, error: QueueError) {
    let (Work::Put { answer, .. }
    | Work::Remove { answer, .. }
    | Work::PutAside { answer, .. }
    | Work::Restore { answer, .. }) = work;
    let _ = answer.send(Err(error));
}
