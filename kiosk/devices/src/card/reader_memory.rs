//! What a reader can do, remembered from card to card.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether a reader carries extended-length commands, as the first card on it showed. Clones share one memory; it starts
/// optimistic. What a card itself cannot do (short file ids) is forgotten with the card: the next one may.
#[derive(Debug, Clone, Default)]
pub struct ReaderMemory {
    no_extended_length: Arc<AtomicBool>,
}

impl ReaderMemory {
    /// Whether one command may still be tried for a whole file.
    #[must_use]
    pub fn extended_length(&self) -> bool {
        !self.no_extended_length.load(Ordering::Relaxed)
    }

    pub(super) fn forget_extended_length(&self) {
        self.no_extended_length.store(true, Ordering::Relaxed);
    }
}
