//! Every text is there in Japanese, which the other languages fall back to.

use crate::Words;
use crate::load::{CatalogueError, EntryId, Sources};

/// Refuses `words`, the value of `key`, if it has no Japanese text.
pub(super) fn in_japanese(
    about: EntryId<'_>,
    key: &str,
    words: &Words,
    sources: &Sources,
) -> Result<(), CatalogueError> {
    match words.exact("ja") {
        Some(text) if !text.is_empty() => Ok(()),
        _ => Err(sources.error(about, key, "a text without ja")),
    }
}
