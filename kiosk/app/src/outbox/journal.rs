//! The queue's own journal: what enters and leaves the queue, synced before the store is written.
//!
//! The store's log survives a power cut in the middle of a commit on most days. It does not always: it takes a log segment for
//! stable that was written and never synced, and then does not open any more. So the store is never the only copy. The journal
//! holds every record that has not left; a store that lost some gets them back, and one that will not open is rebuilt from it.
//!
//! An entry: kind, sequence number, length, CRC-32 over these and the content, content. Only the last group can be torn, and nothing of
//! it was promised yet, so reading ends at the first entry that does not fit.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use crate::durable_file;

const PUT: u8 = 1;
const GONE: u8 = 2;
const HEAD: usize = 1 + 8 + 4 + 4;
/// A journal that has grown by this much since it was last rewritten, and to twice its size, is rewritten.
const SLACK: u64 = 8 << 20;

/// The open journal.
pub(super) struct Journal {
    path: PathBuf,
    file: File,
    /// Bytes now, and after it was last rewritten.
    bytes: u64,
    rewritten: u64,
}

/// What a journal says of the queue.
#[derive(Default)]
pub(super) struct Recovered {
    /// Stored values of records that have not left, by sequence number.
    pub(super) live: BTreeMap<u64, Vec<u8>>,
    /// Sequence numbers of records that have left.
    pub(super) gone: BTreeSet<u64>,
}

impl Recovered {
    /// Reads a journal; none is an empty one.
    pub(super) fn read(path: &Path) -> io::Result<Self> {
        let bytes = match fs::read(path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(error),
        };
        let mut recovered = Self::default();
        let mut rest = bytes.as_slice();
        while let Some((kind, sequence, content, after)) = entry(rest) {
            rest = after;
            if kind == PUT {
                // The head of a journal names the last sequence number given, whose record may well be here still.
                recovered.gone.remove(&sequence);
                recovered.live.insert(sequence, content.to_vec());
            } else {
                recovered.live.remove(&sequence);
                recovered.gone.insert(sequence);
            }
        }
        Ok(recovered)
    }

    /// The last sequence number that was ever given.
    pub(super) fn last(&self) -> u64 {
        let last = |sequence: Option<&u64>| sequence.copied().unwrap_or(0);
        last(self.live.keys().next_back()).max(last(self.gone.last()))
    }
}

impl Journal {
    /// A new journal in place of the old one, durably: these records, and no sequence number up to `last` is given again.
    pub(super) fn rewrite(
        path: &Path,
        last: u64,
        live: impl IntoIterator<Item = (u64, Vec<u8>)>,
    ) -> io::Result<Self> {
        let mut bytes = Vec::new();
        gone(&mut bytes, last);
        for (sequence, value) in live {
            put(&mut bytes, sequence, &value);
        }
        durable_file::replace(path, &bytes)?;
        let size = bytes.len() as u64;
        Ok(Self {
            path: path.to_owned(),
            file: OpenOptions::new().append(true).open(path)?,
            bytes: size,
            rewritten: size,
        })
    }

    /// Writes entries and returns once they are on the disk.
    pub(super) fn append(&mut self, entries: &[u8]) -> io::Result<()> {
        if entries.is_empty() {
            return Ok(());
        }
        self.file.write_all(entries)?;
        self.bytes += entries.len() as u64;
        self.file.sync_data()
    }

    /// Whether most of it is about records that have left.
    pub(super) fn is_long(&self) -> bool {
        self.bytes > self.rewritten + SLACK && self.bytes > 2 * self.rewritten
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

/// A record enters.
pub(super) fn put(out: &mut Vec<u8>, sequence: u64, value: &[u8]) {
    write(out, PUT, sequence, value);
}

/// A record leaves.
pub(super) fn gone(out: &mut Vec<u8>, sequence: u64) {
    write(out, GONE, sequence, &[]);
}

fn write(out: &mut Vec<u8>, kind: u8, sequence: u64, content: &[u8]) {
    let length = u32::try_from(content.len()).unwrap_or(u32::MAX);
    out.push(kind);
    out.extend_from_slice(&sequence.to_be_bytes());
    out.extend_from_slice(&length.to_be_bytes());
    out.extend_from_slice(&check_sum(kind, sequence, content).to_be_bytes());
    out.extend_from_slice(content);
}

/// The entry at the start, and what follows it; `None` at the end and at the first one that does not fit.
fn entry(bytes: &[u8]) -> Option<(u8, u64, &[u8], &[u8])> {
    let (head, rest) = bytes.split_at_checked(HEAD)?;
    let kind = head[0];
    let sequence = u64::from_be_bytes(std::array::from_fn(|i| head[1 + i]));
    let number = |at: usize| u32::from_be_bytes(std::array::from_fn(|i| head[at + i]));
    let (content, rest) = rest.split_at_checked(usize::try_from(number(9)).ok()?)?;
    let fits = matches!(kind, PUT | GONE) && check_sum(kind, sequence, content) == number(13);
    fits.then_some((kind, sequence, content, rest))
}

fn check_sum(kind: u8, sequence: u64, content: &[u8]) -> u32 {
    let mut crc = crc32fast::Hasher::new();
    crc.update(&[kind]);
    crc.update(&sequence.to_be_bytes());
    crc.update(content);
    crc.finalize()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_was_appended_is_recovered() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        let mut journal = Journal::rewrite(&path, 6, [(3, b"three".to_vec())]).unwrap();
        let mut entries = Vec::new();
        put(&mut entries, 7, b"seven");
        gone(&mut entries, 3);
        journal.append(&entries).unwrap();
        let recovered = Recovered::read(&path).unwrap();
        assert_eq!(
            recovered.live.into_iter().collect::<Vec<_>>(),
            [(7, b"seven".to_vec())]
        );
        assert!(recovered.gone.contains(&3));
        assert_eq!(
            Recovered::read(&folder.path().join("none")).unwrap().last(),
            0
        );
        Journal::rewrite(&path, 7, []).unwrap();
        assert_eq!(Recovered::read(&path).unwrap().last(), 7, "no number twice");
        Journal::rewrite(&path, 7, [(7, b"seven".to_vec())]).unwrap();
        let recovered = Recovered::read(&path).unwrap();
        assert!(recovered.live.contains_key(&7) && !recovered.gone.contains(&7));
    }

    proptest! {
        #[test]
        fn a_torn_end_costs_nothing_before_it(cut in 0_usize..60, noise in any::<u8>()) {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("journal");
            let mut bytes = Vec::new();
            put(&mut bytes, 1, b"kept");
            let whole = bytes.len();
            put(&mut bytes, 2, &[7; 40]);
            bytes.truncate(whole + cut.min(bytes.len() - whole - 1));
            bytes.extend([noise; 9]);
            fs::write(&path, &bytes).unwrap();
            let recovered = Recovered::read(&path).unwrap();
            prop_assert_eq!(recovered.live.get(&1).map(Vec::as_slice), Some(&b"kept"[..]));
        }
    }
}
