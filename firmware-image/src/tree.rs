//! A file tree that is never unpacked: names, owners and modes in memory, contents where they are on the disk. So files of
//! root need no root rights, and the order of the written bytes is fixed.

use std::collections::{BTreeMap, HashMap};
use std::fs::{self, File};
use std::io::{self, BufReader, Read as _, Seek as _, SeekFrom, Write};
use std::path::{Path, PathBuf};

use tar::{Archive, Builder, EntryType, Header};
use thiserror::Error;

use crate::file::{FileError, at};

/// Why a tree cannot be made.
#[derive(Debug, Error)]
pub enum TreeError {
    #[error(transparent)]
    File(#[from] FileError),
    /// Something that must be there is not.
    #[error("/{0} is not in the root file system: {1}")]
    Missing(String, &'static str),
    /// The archive holds what no image should.
    #[error("{file}: {path}: {what}", file = file.display())]
    Strange {
        /// The archive.
        file: PathBuf,
        /// The entry.
        path: String,
        /// What is strange.
        what: &'static str,
    },
}

/// Where the bytes of a file are.
#[derive(Clone, Debug)]
enum Content {
    Archive { file: PathBuf, at: u64, size: u64 },
    File { file: PathBuf, size: u64 },
    Bytes(Vec<u8>),
}

#[derive(Clone, Debug)]
enum Kind {
    Folder,
    Link(String),
    File(Content),
}

/// A file, folder or symbolic link with its owner.
#[derive(Clone, Debug)]
pub struct Node {
    kind: Kind,
    mode: u32,
    owner: (u32, u32),
}

impl Node {
    /// A folder of root.
    #[must_use]
    pub fn folder(mode: u32) -> Self {
        Self::of(Kind::Folder, mode)
    }

    /// A symbolic link.
    #[must_use]
    pub fn link(target: &str) -> Self {
        Self::of(Kind::Link(target.to_owned()), 0o777)
    }

    /// A file of root with these bytes.
    #[must_use]
    pub fn bytes(mode: u32, bytes: impl Into<Vec<u8>>) -> Self {
        Self::of(Kind::File(Content::Bytes(bytes.into())), mode)
    }

    /// A file of root with the bytes of a file of this machine.
    ///
    /// # Errors
    /// The file is not there.
    pub fn copy(mode: u32, file: &Path) -> Result<Self, TreeError> {
        let size = fs::metadata(file).map_err(at(file))?.len();
        let file = file.to_owned();
        Ok(Self::of(Kind::File(Content::File { file, size }), mode))
    }

    fn of(kind: Kind, mode: u32) -> Self {
        let owner = (0, 0);
        Self { kind, mode, owner }
    }
}

/// Paths (without a leading `/`) and what lies there.
#[derive(Default, Debug)]
pub struct Tree {
    nodes: BTreeMap<String, Node>,
}

impl Tree {
    /// Reads an archive's table; device nodes are left out, hard links become files of their own.
    ///
    /// # Errors
    /// [`TreeError`].
    pub fn of_archive(archive: &Path) -> Result<Self, TreeError> {
        let at = at(archive);
        let mut reader = Archive::new(BufReader::new(File::open(archive).map_err(&at)?));
        let mut tree = Self::default();
        let mut hard = HashMap::new();
        for entry in reader.entries_with_seek().map_err(&at)? {
            let entry = entry.map_err(&at)?;
            let path = plain(&entry.path().map_err(&at)?.to_string_lossy());
            let header = entry.header();
            let target = entry.link_name().map_err(&at)?;
            let target = target.map(|target| target.to_string_lossy().into_owned());
            let kind = match (header.entry_type(), target) {
                (EntryType::Directory, _) => Kind::Folder,
                (EntryType::Symlink, Some(target)) => Kind::Link(target),
                (EntryType::Link, Some(target)) => {
                    hard.insert(path, plain(&target));
                    continue;
                }
                (EntryType::Regular | EntryType::Continuous, _) => Kind::File(Content::Archive {
                    file: archive.to_owned(),
                    at: entry.raw_file_position(),
                    size: entry.size(),
                }),
                (EntryType::Char | EntryType::Block | EntryType::Fifo, _) => continue,
                _ => {
                    return Err(TreeError::Strange {
                        file: archive.to_owned(),
                        path,
                        what: "an entry of a kind that no image should have",
                    });
                }
            };
            let number = |number: io::Result<u64>| {
                number
                    .map(|number| u32::try_from(number).unwrap_or(0))
                    .map_err(&at)
            };
            let node = Node {
                kind,
                mode: header.mode().map_err(&at)?,
                owner: (number(header.uid())?, number(header.gid())?),
            };
            if !path.is_empty() {
                tree.nodes.insert(path, node);
            }
        }
        for (path, target) in hard {
            let node = tree.nodes.get(&target).cloned();
            let node = node.ok_or(TreeError::Missing(target, "a hard link points there"))?;
            tree.nodes.insert(path, node);
        }
        Ok(tree)
    }

    /// Puts something in, in the place of what was there; folders above it are made.
    pub fn put(&mut self, path: &str, node: Node) {
        let mut above = path;
        while let Some((folder, _)) = above.rsplit_once('/') {
            self.nodes
                .entry(folder.to_owned())
                .or_insert_with(|| Node::folder(0o755));
            above = folder;
        }
        self.nodes.insert(path.to_owned(), node);
    }

    /// Puts in a folder of this machine with all below it; what its owner may execute, everybody may.
    ///
    /// # Errors
    /// The folder cannot be read.
    pub fn put_folder(&mut self, path: &str, folder: &Path) -> Result<(), TreeError> {
        use std::os::unix::fs::PermissionsExt as _;
        for entry in fs::read_dir(folder).map_err(at(folder))? {
            let entry = entry.map_err(at(folder))?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let inner = if path.is_empty() {
                name
            } else {
                format!("{path}/{name}")
            };
            let meta = fs::metadata(entry.path()).map_err(at(&entry.path()))?;
            if meta.is_dir() {
                self.put_folder(&inner, &entry.path())?;
            } else {
                let mode = if meta.permissions().mode() & 0o100 == 0 {
                    0o644
                } else {
                    0o755
                };
                self.put(&inner, Node::copy(mode, &entry.path())?);
            }
        }
        Ok(())
    }

    /// Removes every path for which `remove` is true. A folder that still has something in it stays.
    pub fn remove_where(&mut self, mut remove: impl FnMut(&str) -> bool) {
        let (removed, kept): (BTreeMap<_, _>, BTreeMap<_, _>) = std::mem::take(&mut self.nodes)
            .into_iter()
            .partition(|(path, _)| remove(path));
        self.nodes = kept;
        let above: Vec<String> = self.nodes.keys().flat_map(|path| folders(path)).collect();
        for folder in above {
            if let Some(node) = removed.get(&folder) {
                self.nodes.entry(folder).or_insert_with(|| node.clone());
            }
        }
    }

    /// Whether something lies there, symbolic links above it followed.
    #[must_use]
    pub fn has(&self, path: &str) -> bool {
        self.resolve(path, 0)
            .is_some_and(|path| self.nodes.contains_key(&path))
    }

    /// The bytes of a file, symbolic links followed.
    ///
    /// # Errors
    /// [`TreeError::Missing`] with `why` it is needed.
    pub fn read(&self, path: &str, why: &'static str) -> Result<Vec<u8>, TreeError> {
        let missing = || TreeError::Missing(path.to_owned(), why);
        let found = self
            .resolve(path, 0)
            .and_then(|path| self.nodes.get(&path))
            .ok_or_else(missing)?;
        let Kind::File(content) = &found.kind else {
            return Err(missing());
        };
        let mut bytes = Vec::new();
        content
            .open()?
            .read_to_end(&mut bytes)
            .map_err(at(Path::new(path)))?;
        Ok(bytes)
    }

    /// Where a path ends when links are followed, its own included.
    fn resolve(&self, path: &str, depth: usize) -> Option<String> {
        let mut walked = String::new();
        let mut parts = path.split('/');
        while let Some(part) = parts.next() {
            let here = if walked.is_empty() {
                part.to_owned()
            } else {
                format!("{walked}/{part}")
            };
            if let Some(Kind::Link(target)) = self.nodes.get(&here).map(|node| &node.kind) {
                let rest: Vec<&str> = parts.collect();
                let target = match target.strip_prefix('/') {
                    Some(absolute) => absolute.to_owned(),
                    None => format!("{walked}/{target}"),
                };
                let whole = normal(&[&[target.as_str()], rest.as_slice()].concat().join("/"));
                return if depth < 40 {
                    self.resolve(&whole, depth + 1)
                } else {
                    None
                };
            }
            walked = here;
        }
        Some(walked)
    }

    /// Lays what is below some folders down in a folder of this machine, where a program needs to see it.
    ///
    /// # Errors
    /// A file cannot be read or written.
    pub fn unpack(&self, folders: &[&str], to: &Path) -> Result<(), TreeError> {
        let below = |path: &str| {
            let mut folders = folders.iter();
            folders.any(|folder| {
                path.strip_prefix(folder)
                    .is_some_and(|rest| rest.starts_with('/'))
            })
        };
        for (path, node) in self.nodes.iter().filter(|(path, _)| below(path)) {
            let target = to.join(path);
            let folder = target.parent().unwrap_or(to);
            fs::create_dir_all(folder).map_err(at(folder))?;
            match &node.kind {
                Kind::Folder => fs::create_dir_all(&target),
                Kind::Link(link) => std::os::unix::fs::symlink(link, &target),
                Kind::File(content) => {
                    let mut from = content.open()?;
                    File::create(&target)
                        .and_then(|mut to| io::copy(&mut from, &mut to).map(|_| ()))
                }
            }
            .map_err(at(&target))?;
        }
        Ok(())
    }

    /// Writes the tree as an archive, sorted by path, every time stamp the same.
    ///
    /// # Errors
    /// Of the writer, or of a file that is gone meanwhile.
    pub fn write(&self, to: &mut dyn Write, time: u64) -> io::Result<()> {
        let mut archive = Builder::new(to);
        for (path, node) in &self.nodes {
            let mut header = Header::new_gnu();
            header.set_mode(node.mode & 0o7777);
            header.set_uid(node.owner.0.into());
            header.set_gid(node.owner.1.into());
            header.set_mtime(time);
            match &node.kind {
                Kind::Folder => {
                    header.set_entry_type(EntryType::Directory);
                    header.set_size(0);
                    archive.append_data(&mut header, format!("{path}/"), io::empty())?;
                }
                Kind::Link(target) => {
                    header.set_entry_type(EntryType::Symlink);
                    header.set_size(0);
                    archive.append_link(&mut header, path, target)?;
                }
                Kind::File(content) => {
                    header.set_entry_type(EntryType::Regular);
                    header.set_size(content.size());
                    let bytes = content.open().map_err(io::Error::other)?;
                    archive.append_data(&mut header, path, bytes)?;
                }
            }
        }
        archive.finish()
    }
}

impl Content {
    fn size(&self) -> u64 {
        match self {
            Self::Archive { size, .. } | Self::File { size, .. } => *size,
            Self::Bytes(bytes) => bytes.len() as u64,
        }
    }

    fn open(&self) -> Result<Box<dyn io::Read + '_>, TreeError> {
        match self {
            Self::Archive {
                file,
                at: start,
                size,
            } => {
                let mut archive = File::open(file).map_err(at(file))?;
                archive.seek(SeekFrom::Start(*start)).map_err(at(file))?;
                Ok(Box::new(archive.take(*size)))
            }
            Self::File { file, size } => {
                Ok(Box::new(File::open(file).map_err(at(file))?.take(*size)))
            }
            Self::Bytes(bytes) => Ok(Box::new(bytes.as_slice())),
        }
    }
}

/// The folders above a path.
fn folders(path: &str) -> impl Iterator<Item = String> + '_ {
    path.match_indices('/').map(|(at, _)| path[..at].to_owned())
}

/// Without `./`, leading and trailing `/`.
fn plain(path: &str) -> String {
    let path = path
        .strip_prefix('.')
        .filter(|rest| rest.starts_with('/'))
        .unwrap_or(path);
    let path = path.trim_matches('/');
    if path == "." {
        String::new()
    } else {
        path.to_owned()
    }
}

/// `..` and `.` taken out.
fn normal(path: &str) -> String {
    let mut parts = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn archive(folder: &Path) -> PathBuf {
        let file = folder.join("root.tar");
        let mut tree = Tree::default();
        tree.put("usr/bin/busybox", Node::bytes(0o755, "program"));
        tree.put("usr/sbin/init", Node::link("/lib/systemd/systemd"));
        tree.put("bin", Node::link("usr/bin"));
        tree.put("usr/share/doc/rauc/copyright", Node::bytes(0o644, "free"));
        tree.put("usr/share/doc/rauc/README", Node::bytes(0o644, "text"));
        tree.write(&mut File::create(&file).unwrap(), 7).unwrap();
        file
    }

    #[test]
    fn what_is_written_is_read_again_to_the_same_bytes() {
        let folder = tempfile::tempdir().unwrap();
        let file = archive(folder.path());
        let tree = Tree::of_archive(&file).unwrap();
        let mut again = Vec::new();
        tree.write(&mut again, 7).unwrap();
        assert_eq!(fs::read(&file).unwrap(), again);
    }

    #[test]
    fn what_is_unpacked_lies_where_it_should() {
        let folder = tempfile::tempdir().unwrap();
        let tree = Tree::of_archive(&archive(folder.path())).unwrap();
        let to = folder.path().join("unpacked");
        tree.unpack(&["usr/share/doc", "usr/sbin"], &to).unwrap();
        let read = |path: &str| fs::read_to_string(to.join(path)).ok();
        assert_eq!(read("usr/share/doc/rauc/README").as_deref(), Some("text"));
        assert_eq!(
            fs::read_link(to.join("usr/sbin/init")).unwrap(),
            Path::new("/lib/systemd/systemd")
        );
        assert_eq!(read("usr/bin/busybox"), None);
    }

    #[test]
    fn links_are_followed() {
        let folder = tempfile::tempdir().unwrap();
        let tree = Tree::of_archive(&archive(folder.path())).unwrap();
        assert_eq!(tree.read("bin/busybox", "test").unwrap(), b"program");
        assert!(tree.has("bin/busybox") && !tree.has("bin/bash"));
        let error = tree.read("usr/sbin/init", "the first program").unwrap_err();
        assert_eq!(
            error.to_string(),
            "/usr/sbin/init is not in the root file system: the first program"
        );
    }

    #[test]
    fn a_folder_stays_while_something_is_in_it() {
        let folder = tempfile::tempdir().unwrap();
        let mut tree = Tree::of_archive(&archive(folder.path())).unwrap();
        tree.remove_where(|path| path.starts_with("usr/share/doc") && !path.ends_with("copyright"));
        assert!(tree.has("usr/share/doc/rauc"));
        assert!(tree.has("usr/share/doc/rauc/copyright"));
        assert!(!tree.has("usr/share/doc/rauc/README"));
    }

    #[test]
    fn a_link_that_bites_its_tail_ends() {
        let mut tree = Tree::default();
        tree.put("a", Node::link("b"));
        tree.put("b", Node::link("a"));
        assert!(!tree.has("a"));
    }
}
