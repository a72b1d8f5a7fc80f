//! The only thread that writes: whatever waits is written together and synced once (group commit), in the journal first and
//! then in the store.

use std::collections::HashMap;
use std::fs::{self, File};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender};

use uuid::Uuid;

use super::journal::{self, Journal};
use super::stored_value::{self, MOST_INLINE};
use super::{QueueError, store};
use crate::durable_file;

/// The most writes in one group, so that one failed sync fails few.
const MOST_TOGETHER: usize = 256;

/// A write, and where its answer goes.
pub(super) enum Work {
    Put {
        id: Uuid,
        sealed: Vec<u8>,
        answer: SyncSender<Result<u64, QueueError>>,
    },
    Remove {
        sequence: u64,
        answer: SyncSender<Result<u64, QueueError>>,
    },
    PutAside {
        sequence: u64,
        answer: SyncSender<Result<u64, QueueError>>,
    },
    TakeBack {
        sequence: u64,
        answer: SyncSender<Result<u64, QueueError>>,
    },
}

/// What the thread owns.
pub(super) struct QueueWriter {
    pub(super) db: sled::Db,
    /// A second handle to the store's file: the store itself never calls fdatasync when it flushes.
    pub(super) file: File,
    pub(super) journal: Journal,
    pub(super) large: PathBuf,
    pub(super) next: u64,
    pub(super) sequences: HashMap<Uuid, u64>,
    pub(super) waiting: Arc<AtomicUsize>,
}

/// One answer that may be given once the group is on the disk.
struct Promise {
    sequence: u64,
    answer: SyncSender<Result<u64, QueueError>>,
}

#[derive(Default)]
struct Group {
    batch: sled::Batch,
    /// The same for the journal; putting aside and taking back concern the store alone.
    entries: Vec<u8>,
    promises: Vec<Promise>,
    /// Large files that are not needed once the group is on the disk.
    obsolete: Vec<PathBuf>,
    /// Sequence numbers that leave once the group is on the disk.
    gone: Vec<u64>,
    added: Vec<(Uuid, u64)>,
}

impl QueueWriter {
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
                Work::Remove { sequence, answer } => {
                    self.take_out(&mut group, sequence);
                    group.promises.push(Promise { sequence, answer });
                }
                Work::PutAside { sequence, answer } => {
                    self.rename(
                        &mut group,
                        store::record_key(sequence),
                        store::aside_key(sequence),
                    );
                    group.gone.push(sequence);
                    group.promises.push(Promise { sequence, answer });
                }
                Work::TakeBack { sequence, answer } => {
                    self.rename(
                        &mut group,
                        store::aside_key(sequence),
                        store::record_key(sequence),
                    );
                    group.promises.push(Promise { sequence, answer });
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
        let queued = self.sequences.get(&id).copied();
        let together = group
            .added
            .iter()
            .find(|(added, _)| *added == id)
            .map(|(_, sequence)| *sequence);
        if let Some(sequence) = queued.or(together) {
            group.promises.push(Promise { sequence, answer });
            return;
        }
        let sequence = self.next;
        if sealed.len() > MOST_INLINE
            && let Err(error) = durable_file::replace(
                &self.large.join(stored_value::file_name(sequence, id)),
                sealed,
            )
        {
            let _ = answer.send(Err(QueueError::Disk(error.to_string())));
            return;
        }
        self.next += 1;
        let value = stored_value::encode(sequence, id, sealed);
        journal::put(&mut group.entries, sequence, &value);
        group
            .batch
            .insert(store::record_key(sequence).as_slice(), value);
        group
            .batch
            .insert(store::NEXT_KEY, &self.next.to_be_bytes());
        group.added.push((id, sequence));
        group.promises.push(Promise { sequence, answer });
    }

    fn rename(&self, group: &mut Group, from: [u8; 9], to: [u8; 9]) {
        if let Ok(Some(value)) = self.db.get(from) {
            group.batch.insert(to.as_slice(), value);
            group.batch.remove(from.as_slice());
        }
    }

    fn take_out(&self, group: &mut Group, sequence: u64) {
        let key = store::record_key(sequence);
        if let Ok(Some(stored)) = self.db.get(key)
            && let Ok((head, _)) = stored_value::decode(sequence, &stored)
            && head.kind == stored_value::Kind::File
        {
            group.obsolete.push(self.large.join(head.file_name()));
        }
        group.batch.remove(key.as_slice());
        journal::gone(&mut group.entries, sequence);
        group.gone.push(sequence);
    }

    /// The journal makes it durable. The store follows: its `flush` hands the log to the kernel, and only the fdatasync on our
    /// own handle keeps it from lagging behind.
    fn commit(&mut self, group: &Group) -> Result<(), QueueError> {
        self.journal
            .append(&group.entries)
            .map_err(store::disk_error)?;
        self.db
            .apply_batch(group.batch.clone())
            .map_err(store::disk_error)?;
        self.db.flush().map_err(store::disk_error)?;
        self.file.sync_data().map_err(store::disk_error)
    }

    /// The old journal stays good until the new one is whole, so a failure here costs only room.
    fn shorten_journal(&mut self) {
        if !self.journal.is_long() {
            return;
        }
        let rewritten = store::all_values(&self.db)
            .map_err(|error| error.to_string())
            .and_then(|live| {
                Journal::rewrite(self.journal.path(), self.next - 1, live)
                    .map_err(|error| error.to_string())
            });
        match rewritten {
            Ok(journal) => self.journal = journal,
            Err(error) => tracing::error!(kind = "outbox-journal", %error),
        }
    }

    fn settle(&mut self, group: Group) {
        self.sequences.extend(group.added);
        self.sequences
            .retain(|_, sequence| !group.gone.contains(sequence));
        self.waiting.store(self.sequences.len(), Ordering::Release);
        for file in group.obsolete {
            // A file that stays behind is removed at the next start: nothing refers to it.
            let _ = fs::remove_file(file);
        }
        for promise in group.promises {
            let _ = promise.answer.send(Ok(promise.sequence));
        }
    }
}

fn refuse(work: Work, error: QueueError) {
    let (Work::Put { answer, .. }
    | Work::Remove { answer, .. }
    | Work::PutAside { answer, .. }
    | Work::TakeBack { answer, .. }) = work;
    let _ = answer.send(Err(error));
}
