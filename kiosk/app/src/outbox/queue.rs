//! What every outbox promises.

use std::path::PathBuf;

use thiserror::Error;
use uuid::Uuid;

/// The largest record: one application with its values and drawings is some 10 to 200 kB.
pub const MOST_BYTES: usize = 8 * 1024 * 1024;

/// A durable first-in first-out queue. Calls block until the disk has answered: never call it on the UI thread.
pub trait Queue: Send + Sync {
    /// Stores `sealed` under `id` and returns its sequence number once it would survive a power cut. The same `id` twice, while the
    /// first is still queued, is one record.
    ///
    /// # Errors
    /// Then nothing was promised: the record may or may not be found after a restart, and offering it again is safe.
    fn enqueue(&self, id: Uuid, sealed: &[u8]) -> Result<u64, QueueError>;

    /// The oldest record, which stays in the queue.
    ///
    /// # Errors
    /// [`QueueError::Broken`] when its check sum is wrong; it was then put aside, and the next call gives the next one.
    fn peek(&self) -> Result<Option<Record>, QueueError>;

    /// Takes a delivered record out for good. Doing it twice is harmless.
    ///
    /// # Errors
    /// Then the record may come again: the cloud counts the same id once.
    fn acknowledge(&self, sequence: u64) -> Result<(), QueueError>;

    /// Takes a record out of the queue that the cloud will not have, and keeps it: at the next opening it waits again.
    ///
    /// # Errors
    /// As [`Queue::acknowledge`].
    fn put_aside(&self, sequence: u64) -> Result<(), QueueError>;

    /// How many records wait.
    fn len(&self) -> usize;

    /// Whether none waits.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// One queued record.
#[derive(Clone, PartialEq, Eq)]
pub struct Record {
    /// Its sequence number; grows, and is never given twice.
    pub sequence: u64,
    /// The application's id, the same on every attempt to deliver it.
    pub id: Uuid,
    pub sealed: Vec<u8>,
}

impl std::fmt::Debug for Record {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "Record {{ sequence: {}, id: {}, {} bytes }}",
            self.sequence,
            self.id,
            self.sealed.len()
        )
    }
}

/// Why a call did not succeed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum QueueError {
    /// The record is larger than [`MOST_BYTES`].
    #[error("record of {0} bytes is too large")]
    TooLarge(usize),
    /// The disk reported an error.
    #[error("disk: {0}")]
    Disk(String),
    /// An earlier write failed. What the disk holds is uncertain until the queue is opened again: a second fsync after a
    /// failed one may say "yes" without having written anything.
    #[error("the queue stopped after a failed write; open it again")]
    Stopped,
    /// A record's length, sequence number or check sum is wrong. It was put aside, not deleted.
    #[error("record {sequence} is broken ({reason}); put aside")]
    Broken {
        /// Its sequence number.
        sequence: u64,
        reason: &'static str,
    },
}

/// Damage that was found while opening and that staff must know of.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum QueueAlarm {
    /// The whole store would not open; it was renamed, and a new one made from the journal.
    #[error("queue store damaged ({reason}); kept as {kept}, rebuilt from the journal", kept = kept.display())]
    StoreDamaged {
        /// Where the damaged folder is now.
        kept: PathBuf,
        /// What the store reported.
        reason: String,
    },
    /// Single records are damaged; they stay in the store, out of the queue.
    #[error("{count} damaged record(s) put aside")]
    RecordsDamaged {
        /// How many.
        count: usize,
    },
}
