//! An edition in use, and why one is not used.

use std::path::PathBuf;
use std::sync::Arc;

use jiff::Timestamp;
use kiosk_api::EditionError;
use thiserror::Error;

/// An edition whose content was loaded.
pub struct Edition<T> {
    /// For example `2026-04-01.1`.
    pub name: String,
    /// Its entity tag at the cloud; none for the shipped one.
    pub etag: Option<String>,
    /// When it was signed; none for the shipped one.
    pub signed_at: Option<Timestamp>,
    /// The loaded rules or forms.
    pub content: Arc<T>,
}

// Not derived: the content itself need not be Clone.
impl<T> Clone for Edition<T> {
    fn clone(&self) -> Self {
        Self {
            name: self.name.clone(),
            etag: self.etag.clone(),
            signed_at: self.signed_at,
            content: Arc::clone(&self.content),
        }
    }
}

/// Why an edition is not used.
#[derive(Debug, Error)]
pub enum EditionProblem {
    /// Signature, town, kind or age.
    #[error(transparent)]
    Refused(#[from] EditionError),
    /// Dated ahead of the cloud's time: it would keep every edition out that is signed until then. Used when its time comes.
    #[error("{kind} edition {edition}: signed on {signed_at}, which has not come yet")]
    Ahead {
        /// `catalogue` or `forms`.
        kind: &'static str,
        /// Its name.
        edition: String,
        /// The date that it bears.
        signed_at: Timestamp,
    },
    /// Its content does not load.
    #[error("{kind} edition {edition}: {reason}")]
    Malformed {
        /// `catalogue`, `forms` or `masters`.
        kind: &'static str,
        /// Its name.
        edition: String,
        /// File, line and reason.
        reason: String,
    },
    /// A file cannot be read or written.
    #[error("{path}: {reason}", path = path.display())]
    Disk {
        /// The file or folder.
        path: PathBuf,
        /// What the file system reported, or what is wrong with the file.
        reason: String,
    },
}
