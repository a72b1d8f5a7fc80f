//! A file of this machine that cannot be read or written, by its name.

use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

/// What the file system reported of a file.
#[derive(Debug, Error)]
#[error("{file}: {source}", file = file.display())]
pub struct FileError {
    pub file: PathBuf,
    pub source: io::Error,
}

/// Names the file: `fs::read(path).map_err(at(path))`.
pub fn at(file: &Path) -> impl Fn(io::Error) -> FileError + '_ {
    move |source| FileError {
        file: file.to_owned(),
        source,
    }
}
