//! The folder that `prepare` fills: a key that is there is never written again.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use thiserror::Error;
use zeroize::Zeroizing;

/// A file could not be read or written.
#[derive(Debug, Error)]
#[error("{path}: {source}")]
pub struct FolderError {
    /// Which file.
    pub path: PathBuf,
    /// Why.
    #[source]
    pub source: io::Error,
}

/// Who may read a file.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Privacy {
    /// Everybody (0644).
    Public,
    /// The owner alone (0600).
    Private,
}

/// A folder and what was done in it.
pub struct Folder {
    root: PathBuf,
    made: Vec<String>,
}

impl Folder {
    /// Opens or makes the folder, readable by the owner alone.
    ///
    /// # Errors
    /// [`FolderError`] when it cannot be made.
    pub fn open(root: &Path) -> Result<Self, FolderError> {
        let folder = Self {
            root: root.to_owned(),
            made: Vec::new(),
        };
        folder.make_folder(root)?;
        Ok(folder)
    }

    /// Where it is.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// A file's full path.
    #[must_use]
    pub fn path(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    /// The files that were written since it was opened.
    #[must_use]
    pub fn made(&self) -> &[String] {
        &self.made
    }

    /// Makes a folder inside.
    ///
    /// # Errors
    /// [`FolderError`] when it cannot be made.
    pub fn make(&self, name: &str) -> Result<(), FolderError> {
        self.make_folder(&self.path(name))
    }

    /// The names of the `.json` files in a folder inside, sorted.
    ///
    /// # Errors
    /// [`FolderError`] when it cannot be read.
    pub fn names(&self, name: &str) -> Result<Vec<String>, FolderError> {
        let mut names = Vec::new();
        for entry in fs::read_dir(self.path(name)).map_err(|error| self.failed(name, error))? {
            let entry = entry.map_err(|error| self.failed(name, error))?;
            names.extend(
                entry
                    .file_name()
                    .into_string()
                    .ok()
                    .filter(|name| name.ends_with(".json")),
            );
        }
        names.sort();
        Ok(names)
    }

    /// The file's bytes, or `None` when there is none.
    ///
    /// # Errors
    /// [`FolderError`] for any other failure.
    pub fn read(&self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, FolderError> {
        match fs::read(self.path(name)) {
            Ok(bytes) => Ok(Some(Zeroizing::new(bytes))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(self.failed(name, error)),
        }
    }

    /// The file's bytes, made and written first if there is none.
    ///
    /// # Errors
    /// Whatever `make` or the file system says.
    pub fn keep<E: From<FolderError>>(
        &mut self,
        name: &str,
        privacy: Privacy,
        make: impl FnOnce() -> Result<Zeroizing<Vec<u8>>, E>,
    ) -> Result<Zeroizing<Vec<u8>>, E> {
        if let Some(kept) = self.read(name)? {
            return Ok(kept);
        }
        let bytes = make()?;
        self.write(name, privacy, &bytes)?;
        Ok(bytes)
    }

    /// Writes a file in one step: a reader sees the old or the new one, never half of it. Unchanged bytes are left alone.
    ///
    /// # Errors
    /// [`FolderError`] when it cannot be written.
    pub fn write(&mut self, name: &str, privacy: Privacy, bytes: &[u8]) -> Result<(), FolderError> {
        if self
            .read(name)?
            .is_some_and(|kept| kept.as_slice() == bytes)
        {
            return Ok(());
        }
        let path = self.path(name);
        if let Some(parent) = path.parent() {
            self.make_folder(parent)?;
        }
        let half = path.with_extension("part");
        self.write_half(&half, privacy, bytes)
            .and_then(|()| fs::rename(&half, &path))
            .map_err(|error| self.failed(name, error))?;
        self.made.push(name.to_owned());
        Ok(())
    }

    fn write_half(&self, half: &Path, privacy: Privacy, bytes: &[u8]) -> io::Result<()> {
        // The mode counts at creation only: what an interrupted run left must go first.
        match fs::remove_file(half) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mode = if privacy == Privacy::Private {
            0o600
        } else {
            0o644
        };
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(mode)
            .open(half)?;
        file.write_all(bytes)?;
        file.sync_all()
    }

    fn make_folder(&self, path: &Path) -> Result<(), FolderError> {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(path)
            .map_err(|source| FolderError {
                path: path.to_owned(),
                source,
            })
    }

    fn failed(&self, name: &str, source: io::Error) -> FolderError {
        FolderError {
            path: self.path(name),
            source,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use zeroize::Zeroizing;

    use super::{Folder, FolderError, Privacy};

    #[test]
    fn a_kept_file_is_made_once_and_private_ones_are_private() {
        let place = tempfile::tempdir().unwrap();
        let mut folder = Folder::open(place.path()).unwrap();
        let mut keep = |bytes: &'static [u8]| {
            folder
                .keep::<FolderError>("keys/one.key", Privacy::Private, || {
                    Ok(Zeroizing::new(bytes.to_vec()))
                })
                .unwrap()
                .to_vec()
        };
        assert_eq!(keep(b"first"), b"first");
        assert_eq!(keep(b"second"), b"first");
        let mode = |name: &str| {
            std::fs::metadata(place.path().join(name))
                .unwrap()
                .permissions()
                .mode()
                & 0o777
        };
        assert_eq!(mode("keys/one.key"), 0o600);
        assert_eq!(mode("keys"), 0o700);
        assert_eq!(folder.made(), ["keys/one.key"]);
    }

    #[test]
    fn an_interrupted_write_does_not_lend_its_mode() {
        let place = tempfile::tempdir().unwrap();
        std::fs::write(place.path().join("one.part"), "half").unwrap();
        let mut folder = Folder::open(place.path()).unwrap();
        folder.write("one.key", Privacy::Private, b"whole").unwrap();
        let path = place.path().join("one.key");
        assert_eq!(std::fs::read(&path).unwrap(), b"whole");
        assert_eq!(
            std::fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o600
        );
    }
}
