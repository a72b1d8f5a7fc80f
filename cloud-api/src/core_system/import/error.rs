//! Why an import changed nothing.

use cloud_store::StoreError;
use thiserror::Error;

use super::rejection::Report;
use crate::core_system::CoreError;

/// Why an import changed nothing.
#[derive(Debug, Error)]
pub enum ImportError {
    /// The file cannot be read.
    #[error("the file cannot be read: {0}")]
    Read(#[from] std::io::Error),
    /// The file has no rows, maybe not even a heading.
    #[error("the file holds no resident: the register stays as it was")]
    Empty,
    /// UTF-16.
    #[error("the file is in UTF-16 (\"Unicode text\"); save it as UTF-8 or Shift_JIS")]
    Utf16,
    /// JSON in Shift_JIS.
    #[error("JSON is always in UTF-8 (RFC 8259)")]
    JsonEncoding,
    /// A heading that this program does not know, or one that stands twice.
    #[error("heading, column {column}: {reason}")]
    Heading {
        /// Column, from 1. Its text stays out: without a heading it is a person.
        column: usize,
        /// Why.
        reason: &'static str,
    },
    /// CSV that cannot be split.
    #[error("CSV: {0}")]
    Csv(String),
    /// A JSON array with a fault in it.
    #[error("JSON: {0}")]
    Json(String),
    /// No forms edition.
    #[error(
        "the town has no forms edition in use; it holds the eras and the 続柄 that rows are held against"
    )]
    NoForms,
    /// More rows were left out than a slip explains.
    #[error("{} of {} rows were rejected, more than {percent} %: the register stays as it was", report.rejected_rows, report.rejected_rows + report.accepted + report.deleted)]
    TooManyRejected {
        /// What would have become of it.
        report: Box<Report>,
        /// The settings' limit.
        percent: u8,
    },
    /// A delta has nothing to change.
    #[error("there is no register to change: import a full one first")]
    NothingToChange,
    /// A delta to a register of another key.
    #[error("the register is sealed with key {0:?}: import a full one again")]
    OtherKey(String),
    /// Another import came to its end in between.
    #[error("another import has ended meanwhile: nothing was changed, import again")]
    Overtaken,
    /// Sealing.
    #[error(transparent)]
    Seal(#[from] CoreError),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The reading thread ended without a word.
    #[error("the import was cut off")]
    CutOff,
}

impl From<csv::Error> for ImportError {
    fn from(error: csv::Error) -> Self {
        match error.into_kind() {
            csv::ErrorKind::Io(error) => Self::Read(error),
            // Its text may repeat a field.
            _ => Self::Csv("cannot be split into cells".to_owned()),
        }
    }
}
