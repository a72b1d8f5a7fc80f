//! The files that SQLite has open, as the path names them: what is written to a file that the path does not name any more is
//! not there after a restart.

use std::fs::{self, File, Permissions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _};
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

/// Makes a database's files its owner's alone. One that is missing is made here, since SQLite would make it readable for
/// everybody; its log and index get the same mode from SQLite.
///
/// # Errors
/// Others may read a file, and its mode cannot be changed.
pub(crate) fn keep_private(path: &Path) -> io::Result<()> {
    match File::options()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
    {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
        // Where it cannot be made, SQLite says why.
        Ok(_) | Err(_) => return Ok(()),
    }
    for file in [
        path.to_owned(),
        with_suffix(path, "-wal"),
        with_suffix(path, "-shm"),
    ] {
        let wide = fs::metadata(&file).is_ok_and(|file| file.permissions().mode() & 0o077 != 0);
        if wide {
            fs::set_permissions(&file, Permissions::from_mode(0o600))?;
        }
    }
    Ok(())
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

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::Store;

    #[tokio::test]
    async fn nobody_but_its_owner_reads_the_database() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.sqlite");
        let url = format!("sqlite:{}", path.display());
        let files = || ["", "-wal", "-shm"].map(|end| with_suffix(&path, end));
        let modes = || files().map(|file| fs::metadata(file).unwrap().permissions().mode() & 0o777);
        let store = Store::open(&url, None).await.unwrap();
        assert_eq!(modes(), [0o600; 3]);
        // As an older program left them.
        for file in files() {
            fs::set_permissions(file, Permissions::from_mode(0o644)).unwrap();
        }
        let again = Store::open(&url, None).await.unwrap();
        assert_eq!(modes(), [0o600; 3]);
        drop((store, again));
    }
}
