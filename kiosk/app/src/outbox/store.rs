//! The `sled` store under the queue: its keys, what is found in it at the start, and what is done when it is damaged.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use uuid::Uuid;

use super::journal::Recovered;
use super::stored_value::{self, Kind};
use super::{QueueError, Record};
use crate::durable_file;

/// The next sequence number that will be given, eight bytes in network order.
pub(super) const NEXT_KEY: &[u8] = b"n";

/// Of a record that waits.
pub(super) fn record_key(sequence: u64) -> [u8; 9] {
    key(b'r', sequence)
}

/// Of a record that was put aside.
pub(super) fn aside_key(sequence: u64) -> [u8; 9] {
    key(b'x', sequence)
}

fn key(prefix: u8, sequence: u64) -> [u8; 9] {
    let mut key = [prefix; 9];
    key[1..].copy_from_slice(&sequence.to_be_bytes());
    key
}

pub(super) fn sequence_of(key: &[u8]) -> u64 {
    key.get(1..9).map_or(u64::MAX, |sequence| {
        u64::from_be_bytes(std::array::from_fn(|i| sequence[i]))
    })
}

/// The record of a stored value, its content checked.
pub(super) fn load(sequence: u64, stored: &[u8], large: &Path) -> Result<Record, &'static str> {
    let (head, inline) = stored_value::decode(sequence, stored)?;
    let sealed = match head.kind {
        Kind::Inline => inline.to_vec(),
        Kind::File => fs::read(large.join(head.file_name())).map_err(|_| "its file is missing")?,
    };
    head.check(&sealed)?;
    Ok(Record {
        sequence,
        id: head.id,
        sealed,
    })
}

/// Adds to the store what only the journal has, and removes what the journal says has left.
pub(super) fn restore(db: &sled::Db, recovered: &Recovered) -> Result<(), sled::Error> {
    let mut batch = sled::Batch::default();
    for (sequence, value) in &recovered.live {
        if !db.contains_key(record_key(*sequence))? && !db.contains_key(aside_key(*sequence))? {
            batch.insert(record_key(*sequence).as_slice(), value.as_slice());
        }
    }
    for sequence in &recovered.gone {
        batch.remove(record_key(*sequence).as_slice());
        batch.remove(aside_key(*sequence).as_slice());
    }
    db.apply_batch(batch)?;
    db.flush().map(|_| ())
}

/// Every stored value, in the queue or aside, with its sequence number.
pub(super) fn all_values(db: &sled::Db) -> Result<Vec<(u64, Vec<u8>)>, sled::Error> {
    db.scan_prefix(b"r")
        .chain(db.scan_prefix(b"x"))
        .map(|entry| entry.map(|(key, stored)| (sequence_of(&key), stored.to_vec())))
        .collect()
}

/// What the store holds when it is opened.
pub(super) struct Found {
    pub(super) next: u64,
    pub(super) sequences: HashMap<Uuid, u64>,
    /// Names of the large files that records refer to.
    pub(super) files: HashSet<String>,
    /// Sequence numbers of records whose content is damaged.
    pub(super) damaged: Vec<u64>,
    /// Whole records that were put aside: the cloud is asked again after each start.
    pub(super) put_aside: Vec<u64>,
}

pub(super) fn scan(db: &sled::Db, large: &Path) -> Result<Found, sled::Error> {
    let mut found = Found {
        next: 1,
        sequences: HashMap::new(),
        files: HashSet::new(),
        damaged: Vec::new(),
        put_aside: Vec::new(),
    };
    if let Some(next) = db.get(NEXT_KEY)?
        && let Ok(next) = <[u8; 8]>::try_from(next.as_ref())
    {
        found.next = u64::from_be_bytes(next);
    }
    for entry in db.scan_prefix(b"r") {
        let (key, stored) = entry?;
        let sequence = sequence_of(&key);
        found.next = found.next.max(sequence.saturating_add(1));
        match load(sequence, &stored, large) {
            Ok(record) => {
                found.sequences.insert(record.id, sequence);
                found
                    .files
                    .insert(stored_value::file_name(sequence, record.id));
            }
            Err(_) => {
                found.damaged.push(sequence);
                found.keep_file(sequence, &stored);
            }
        }
    }
    for entry in db.scan_prefix(b"x") {
        let (key, stored) = entry?;
        let sequence = sequence_of(&key);
        found.keep_file(sequence, &stored);
        if let Ok(record) = load(sequence, &stored, large)
            && found.sequences.insert(record.id, sequence).is_none()
        {
            found.put_aside.push(sequence);
        }
    }
    Ok(found)
}

impl Found {
    fn keep_file(&mut self, sequence: u64, stored: &[u8]) {
        if let Ok((head, _)) = stored_value::decode(sequence, stored) {
            self.files.insert(head.file_name());
        }
    }
}

/// Large files that no record names: written for a record that was never acknowledged, or already delivered.
pub(super) fn remove_orphans(large: &Path, named: &HashSet<String>) -> io::Result<()> {
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

/// Renames a damaged folder; the new name says when.
pub(super) fn set_aside(folder: &Path) -> io::Result<PathBuf> {
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

/// The library reports a damaged store by an error or, for some damages, by a panic.
pub(super) fn catch_panic<T>(
    work: impl FnOnce() -> Result<T, sled::Error>,
) -> Result<T, OpenError> {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(result) => result.map_err(OpenError::from),
        Err(_) => Err(OpenError::Damaged("the store's library panicked".into())),
    }
}

pub(super) enum OpenError {
    Disk(String),
    Damaged(String),
}

impl OpenError {
    pub(super) fn reason(self) -> String {
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

#[expect(clippy::needless_pass_by_value, reason = "used as map_err(disk_error)")]
pub(super) fn disk_error(error: impl ToString) -> QueueError {
    QueueError::Disk(error.to_string())
}
