//! A folder whose files are read again when they change: trust anchors, revocation lists, editions.
//!
//! What was read stays in use while nothing changed; a file that cannot be used is left out and named in the log, and
//! never takes the good ones with it.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

/// Name, length and time of each file, in order of names.
type Listing = Vec<(PathBuf, u64, Option<SystemTime>)>;

/// Makes values from one file's name and bytes.
type Read<T> = dyn Fn(&Path, &[u8]) -> Result<Vec<T>, String> + Send + Sync;

/// The files of a folder as values of `T`.
pub(crate) struct Folder<T> {
    path: PathBuf,
    extensions: &'static [&'static str],
    read: Box<Read<T>>,
    state: Mutex<(Option<Listing>, Arc<Vec<T>>)>,
}

impl<T> Folder<T> {
    /// A folder of files with one of these extensions; `read` makes values from one file.
    pub(crate) fn new(
        path: PathBuf,
        extensions: &'static [&'static str],
        read: impl Fn(&Path, &[u8]) -> Result<Vec<T>, String> + Send + Sync + 'static,
    ) -> Self {
        Self {
            path,
            extensions,
            read: Box::new(read),
            state: Mutex::new((None, Arc::new(Vec::new()))),
        }
    }

    /// What the files hold now.
    pub(crate) fn current(&self) -> Arc<Vec<T>> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match self.listing() {
            Ok(listing) if state.0.as_ref() != Some(&listing) => {
                state.1 = Arc::new(self.read_all(&listing));
                state.0 = Some(listing);
            }
            Ok(_) => {}
            // The folder itself is away (a share that is being remounted): what was good stays good.
            Err(error) => {
                tracing::warn!(folder = %self.path.display(), %error, "folder cannot be read")
            }
        }
        Arc::clone(&state.1)
    }

    fn listing(&self) -> std::io::Result<Listing> {
        let mut listing = Listing::new();
        for entry in std::fs::read_dir(&self.path)? {
            let path = entry?.path();
            let known = path
                .extension()
                .and_then(|e| e.to_str())
                .is_some_and(|e| self.extensions.contains(&e));
            if known {
                let meta = std::fs::metadata(&path)?;
                listing.push((path, meta.len(), meta.modified().ok()));
            }
        }
        listing.sort();
        Ok(listing)
    }

    fn read_all(&self, listing: &Listing) -> Vec<T> {
        let mut values = Vec::new();
        for (path, _, _) in listing {
            let read = std::fs::read(path)
                .map_err(|e| e.to_string())
                .and_then(|bytes| (self.read)(path, &bytes));
            match read {
                Ok(some) => values.extend(some),
                Err(reason) => tracing::error!(file = %path.display(), %reason, "file left out"),
            }
        }
        values
    }
}
