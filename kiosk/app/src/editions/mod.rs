//! Editions of catalogue and forms: the last good one is kept; a bad one is told and never used.
//!
//! An edition from the cloud counts only when its signature holds, it is this town's, it is not older than the one in use
//! and its content loads. Only then does it replace the kept file, atomically. The first edition is the one shipped in
//! the assets folder.

mod masters;
mod shelf;
mod shipped;
mod trust;

use std::path::PathBuf;
use std::sync::Arc;

use application::FormSet;
use guidance::Catalogue;
use jiff::Timestamp;
use kiosk_api::{EditionError, EditionFile, EditionKind};
use paper::receipt::ReceiptWords;
use thiserror::Error;

pub use masters::TownRules;
pub use shelf::{Shelf, shipped_content};
pub use trust::{KeyError, TrustedKeys, read_sealing_key};

/// An edition in use.
pub struct Edition<T> {
    /// Its name.
    pub name: String,
    /// Its entity tag at the cloud; none for the shipped one.
    pub etag: Option<String>,
    /// When it was signed; none for the shipped one.
    pub signed_at: Option<Timestamp>,
    /// What it holds, loaded.
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

/// Forms with the templates that draw them.
pub struct Forms {
    /// The forms.
    pub set: Arc<FormSet>,
    /// The fixed words of the receipt.
    pub receipt_words: ReceiptWords,
    /// Every file of the edition, templates among them.
    pub files: Vec<EditionFile>,
}

const RECEIPT_WORDS: &str = "receipt.toml";

/// Something that an edition can be loaded into.
pub trait Content: Sized {
    /// Which kind of edition it is.
    const KIND: EditionKind;

    /// Loads it from its files.
    ///
    /// # Errors
    /// Names file, line and reason.
    fn load(files: Vec<EditionFile>) -> Result<Self, String>;

    /// The name that stands in the content itself, for the shipped edition.
    fn name(&self) -> String;
}

impl Content for Catalogue {
    const KIND: EditionKind = EditionKind::Catalogue;

    fn load(files: Vec<EditionFile>) -> Result<Self, String> {
        Self::from_files(files.into_iter().map(|file| (file.path, file.text)))
            .map_err(|error| error.to_string())
    }

    fn name(&self) -> String {
        self.reference().edition.clone()
    }
}

impl Content for Forms {
    const KIND: EditionKind = EditionKind::Forms;

    fn load(files: Vec<EditionFile>) -> Result<Self, String> {
        let texts = files.iter().map(EditionFile::pair);
        let set = FormSet::from_files(texts).map_err(|error| error.to_string())?;
        let words = files.iter().find(|file| file.path == RECEIPT_WORDS);
        let words = words.ok_or_else(|| format!("{RECEIPT_WORDS}: missing"))?;
        let receipt_words = ReceiptWords::from_toml(&words.text)
            .map_err(|error| format!("{RECEIPT_WORDS}: {error}"))?;
        Ok(Self {
            set: Arc::new(set),
            receipt_words,
            files,
        })
    }

    fn name(&self) -> String {
        "shipped".to_owned()
    }
}

/// Why an edition is not used.
#[derive(Debug, Error)]
pub enum EditionProblem {
    /// Signature, town, kind or age.
    #[error(transparent)]
    Refused(#[from] EditionError),
    /// Its content does not load.
    #[error("{kind} edition {edition}: {reason}")]
    Malformed {
        /// Catalogue or forms.
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
        /// What the file system said, or what is wrong with the file.
        reason: String,
    },
}
