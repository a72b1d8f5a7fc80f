//! Replays the journal of `disk.c`: what would be on the disk if the power went after any of its records.

use std::collections::{BTreeMap, HashMap};
use std::ffi::OsString;
use std::fs;
use std::os::unix::ffi::OsStringExt as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

/// The smallest part of a write that a power cut keeps or loses on its own.
const PAGE: usize = 4096;

/// One thing that the program did.
pub enum Record {
    Write {
        inode: u64,
        at: usize,
        bytes: Vec<u8>,
    },
    Truncate {
        inode: u64,
        length: usize,
    },
    Create {
        inode: u64,
        path: PathBuf,
    },
    MakeFolder(PathBuf),
    Remove(PathBuf),
    Rename(PathBuf, PathBuf),
    Sync(u64),
    SyncFolder(PathBuf),
    /// Something was promised to a resident.
    Reported(String),
}

/// Reads the journal. A record that the end of the program cut off never happened.
pub fn journal(file: &Path) -> Vec<Record> {
    let all = fs::read(file).unwrap();
    let mut rest = all.as_slice();
    let mut records = Vec::new();
    while let Some((record, after)) = one(rest) {
        records.push(record);
        rest = after;
    }
    records
}

fn one(bytes: &[u8]) -> Option<(Record, &[u8])> {
    let (head, rest) = bytes.split_at_checked(25)?;
    let long = |at: usize| u64::from_le_bytes(std::array::from_fn(|i| head[at + i]));
    let short = |at: usize| u32::from_le_bytes(std::array::from_fn(|i| head[at + i])) as usize;
    let (first, rest) = rest.split_at_checked(short(17))?;
    let (second, rest) = rest.split_at_checked(short(21))?;
    let path = |bytes: &[u8]| PathBuf::from(OsString::from_vec(bytes.to_vec()));
    let inode = long(1);
    let number = usize::try_from(long(9)).unwrap();
    let record = match head[0] {
        1 => Record::Write {
            inode,
            at: number,
            bytes: first.to_vec(),
        },
        2 => Record::Truncate {
            inode,
            length: number,
        },
        3 => Record::Create {
            inode,
            path: path(first),
        },
        4 => Record::MakeFolder(path(first)),
        5 | 6 => Record::Remove(path(first)),
        7 => Record::Rename(path(first), path(second)),
        8 => Record::Sync(inode),
        9 => Record::SyncFolder(path(first)),
        10 => Record::Reported(String::from_utf8(first.to_vec()).unwrap()),
        _ => panic!("the disk does not model {}", String::from_utf8_lossy(first)),
    };
    Some((record, rest))
}

/// How the power goes.
#[derive(Clone, Copy, Debug)]
pub enum Cut {
    /// All that was not synced is lost.
    Full,
    /// Of what was not synced, each page and each name is lost or kept by the toss of a coin with this seed.
    Torn(u64),
}

/// A tossed coin; the same seed tosses the same.
struct Coin(Option<u64>);

impl Coin {
    fn kept(&mut self) -> bool {
        let Some(state) = &mut self.0 else {
            return false;
        };
        *state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        *state >> 63 == 1
    }
}

type FileId = usize;
type FolderId = usize;

#[derive(Clone, Copy)]
enum Entry {
    File(FileId),
    Folder(FolderId),
}

enum Change {
    Write { at: usize, bytes: Vec<u8> },
    Truncate(usize),
}

#[derive(Default)]
struct FileState {
    durable: Vec<u8>,
    pending: Vec<Change>,
}

enum NameChange {
    Set(OsString, Entry),
    Remove(OsString),
    Rename(OsString, OsString, Entry),
}

#[derive(Default)]
struct Folder {
    now: BTreeMap<OsString, Entry>,
    durable: BTreeMap<OsString, Entry>,
    pending: Vec<NameChange>,
}

/// The disk while the journal is replayed.
pub struct Disk {
    root: PathBuf,
    files: Vec<FileState>,
    /// An inode number is given again after its file is gone.
    by_inode: HashMap<u64, FileId>,
    folders: Vec<Folder>,
    /// Where each folder is now; what a power cut leaves may still have it under its old name.
    by_path: HashMap<PathBuf, FolderId>,
}

impl Disk {
    /// What lies in the folder before the program starts; all of it is durable.
    pub fn load(root: &Path) -> Self {
        let mut disk = Self {
            root: root.to_owned(),
            files: Vec::new(),
            by_inode: HashMap::new(),
            folders: Vec::new(),
            by_path: HashMap::new(),
        };
        disk.load_folder(root);
        disk
    }

    fn load_folder(&mut self, path: &Path) -> FolderId {
        let id = self.new_folder(path);
        let mut folder = Folder::default();
        for entry in fs::read_dir(path).unwrap() {
            let entry = entry.unwrap();
            let about = entry.metadata().unwrap();
            let kind = if about.is_dir() {
                Entry::Folder(self.load_folder(&entry.path()))
            } else {
                self.files.push(FileState {
                    durable: fs::read(entry.path()).unwrap(),
                    pending: Vec::new(),
                });
                self.by_inode.insert(about.ino(), self.files.len() - 1);
                Entry::File(self.files.len() - 1)
            };
            folder.now.insert(entry.file_name(), kind);
        }
        folder.durable.clone_from(&folder.now);
        self.folders[id] = folder;
        id
    }

    fn new_folder(&mut self, path: &Path) -> FolderId {
        self.folders.push(Folder::default());
        self.by_path.insert(path.to_owned(), self.folders.len() - 1);
        self.folders.len() - 1
    }

    pub fn apply(&mut self, record: &Record) {
        match record {
            Record::Write { inode, at, bytes } => self.file(*inode).pending.push(Change::Write {
                at: *at,
                bytes: bytes.clone(),
            }),
            Record::Truncate { inode, length } => {
                self.file(*inode).pending.push(Change::Truncate(*length));
            }
            Record::Create { inode, path } => {
                self.files.push(FileState::default());
                self.by_inode.insert(*inode, self.files.len() - 1);
                self.set(path, Entry::File(self.files.len() - 1));
            }
            Record::MakeFolder(path) => {
                let id = self.new_folder(path);
                self.set(path, Entry::Folder(id));
            }
            Record::Remove(path) => {
                let (folder, name) = self.place(path);
                folder.now.remove(&name);
                folder.pending.push(NameChange::Remove(name));
            }
            Record::Rename(from, to) => self.rename(from, to),
            Record::Sync(inode) => {
                let file = self.file(*inode);
                for change in std::mem::take(&mut file.pending) {
                    change.apply(&mut file.durable, &mut |_| true);
                }
            }
            Record::SyncFolder(path) => {
                let folder = &mut self.folders[self.by_path[path]];
                for change in std::mem::take(&mut folder.pending) {
                    change.apply(&mut folder.durable);
                }
            }
            Record::Reported(_) => {}
        }
    }

    fn rename(&mut self, from: &Path, to: &Path) {
        assert_eq!(from.parent(), to.parent(), "one folder");
        let (folder, old) = self.place(from);
        let new = to.file_name().unwrap().to_owned();
        let entry = folder.now.remove(&old).unwrap();
        folder.now.insert(new.clone(), entry);
        folder.pending.push(NameChange::Rename(old, new, entry));
        if matches!(entry, Entry::Folder(_)) {
            self.by_path = std::mem::take(&mut self.by_path)
                .into_iter()
                .map(|(path, id)| match path.strip_prefix(from) {
                    Ok(inside) if inside.as_os_str().is_empty() => (to.to_owned(), id),
                    Ok(inside) => (to.join(inside), id),
                    Err(_) => (path, id),
                })
                .collect();
        }
    }

    fn set(&mut self, path: &Path, entry: Entry) {
        let (folder, name) = self.place(path);
        folder.now.insert(name.clone(), entry);
        folder.pending.push(NameChange::Set(name, entry));
    }

    fn place(&mut self, path: &Path) -> (&mut Folder, OsString) {
        let id = self.by_path[path.parent().unwrap()];
        (&mut self.folders[id], path.file_name().unwrap().to_owned())
    }

    fn file(&mut self, inode: u64) -> &mut FileState {
        &mut self.files[self.by_inode[&inode]]
    }

    /// Writes what a power cut now would leave into an empty folder.
    pub fn cut(&self, cut: Cut, into: &Path) {
        let mut coin = Coin(match cut {
            Cut::Full => None,
            Cut::Torn(seed) => Some(seed),
        });
        self.cut_folder(self.by_path[&self.root], into, &mut coin);
    }

    fn cut_folder(&self, id: FolderId, into: &Path, coin: &mut Coin) {
        let folder = &self.folders[id];
        let mut names = folder.durable.clone();
        for change in folder.pending.iter().filter(|_| coin.kept()) {
            change.apply(&mut names);
        }
        for (name, entry) in names {
            match entry {
                Entry::Folder(id) => {
                    fs::create_dir(into.join(&name)).unwrap();
                    self.cut_folder(id, &into.join(&name), coin);
                }
                Entry::File(id) => {
                    let file = &self.files[id];
                    let mut bytes = file.durable.clone();
                    for change in &file.pending {
                        change.apply(&mut bytes, &mut |_| coin.kept());
                    }
                    fs::write(into.join(&name), bytes).unwrap();
                }
            }
        }
    }
}

impl Change {
    /// Applies the pages that `kept` keeps.
    fn apply(&self, content: &mut Vec<u8>, kept: &mut dyn FnMut(usize) -> bool) {
        match self {
            Self::Truncate(length) => {
                if kept(0) {
                    content.resize(*length, 0);
                }
            }
            Self::Write { at, bytes } => {
                let mut done = 0;
                while done < bytes.len() {
                    // To the end of the page that the write stands in.
                    let part = (PAGE - (at + done) % PAGE).min(bytes.len() - done);
                    if kept(at + done) {
                        let end = at + done + part;
                        if content.len() < end {
                            content.resize(end, 0);
                        }
                        content[at + done..end].copy_from_slice(&bytes[done..done + part]);
                    }
                    done += part;
                }
            }
        }
    }
}

impl NameChange {
    fn apply(&self, names: &mut BTreeMap<OsString, Entry>) {
        match self {
            Self::Set(name, entry) => {
                names.insert(name.clone(), *entry);
            }
            Self::Remove(name) => {
                names.remove(name);
            }
            Self::Rename(from, to, entry) => {
                names.remove(from);
                names.insert(to.clone(), *entry);
            }
        }
    }
}
