//! The files that SQLite has open, as the path names them: what is written to a file that the path does not name any more is
//! not there after a restart.

use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use crate::StoreError;

/// Device and inode.
type Identity = (u64, u64);

/// The database's file and its write-ahead log, as they were when the database was opened.
#[derive(Debug)]
pub(crate) struct SqliteFile {
    path: PathBuf,
    files: Vec<(PathBuf, Identity)>,
}

impl SqliteFile {
    /// Notes the files of a database that is open. Never opens one of them: SQLite's locks on a file end when the process
    /// closes any handle to it.
    ///
    /// # Errors
    /// [`StoreError::Replaced`] when one is not there.
    pub(crate) fn of_open(path: &Path) -> Result<Self, StoreError> {
        let files = [path.to_owned(), with_suffix(path, "-wal")];
        let noted = files.into_iter().map(|file| {
            let identity = identity(&file).ok_or_else(|| replaced(&file))?;
            Ok((file, identity))
        });
        Ok(Self {
            path: path.to_owned(),
            files: noted.collect::<Result<_, StoreError>>()?,
        })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Whether the path still names the files that are open.
    ///
    /// # Errors
    /// [`StoreError::Replaced`] names the file that is another one or gone.
    pub(crate) fn check(&self) -> Result<(), StoreError> {
        let other = |(file, known): &&(PathBuf, Identity)| identity(file) != Some(*known);
        match self.files.iter().find(other) {
            None => Ok(()),
            Some((file, _)) => Err(replaced(file)),
        }
    }
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

fn identity(file: &Path) -> Option<Identity> {
    let found = std::fs::metadata(file).ok()?;
    Some((found.dev(), found.ino()))
}

fn replaced(file: &Path) -> StoreError {
    StoreError::Replaced(file.to_owned())
}
