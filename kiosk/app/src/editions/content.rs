//! What an edition can be loaded into: the rules, or the forms with their templates.

use std::sync::Arc;

use application::FormSet;
use guidance::Catalogue;
use kiosk_api::{EditionFile, EditionKind};
use paper::receipt::ReceiptWords;

/// Forms with the templates that draw them.
pub struct Forms {
    pub set: Arc<FormSet>,
    /// The fixed words of the receipt, from `receipt.toml`.
    pub receipt_words: ReceiptWords,
    /// Every file of the edition, templates among them.
    pub files: Vec<EditionFile>,
}

const RECEIPT_WORDS: &str = "receipt.toml";

/// Something that an edition can be loaded into.
pub trait Content: Sized {
    const KIND: EditionKind;

    /// Loads it from its files.
    ///
    /// # Errors
    /// Names file, line and reason.
    fn load(files: Vec<EditionFile>) -> Result<Self, String>;

    /// The name of the shipped edition, where the content itself says it.
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
