//! A town's catalogue with its masters laid over it, and the last one made.

use std::sync::{Arc, Mutex, PoisonError};

use guidance::Catalogue;
use kiosk_api::TownMasters;

use crate::editions::Published;

/// A town's catalogue as it works by it.
pub struct TownCatalogue {
    /// The edition, with the masters over it.
    pub value: Catalogue,
    /// The masters.
    pub masters: TownMasters,
    /// The edition without them, as signed.
    pub edition: Arc<Published<Catalogue>>,
}

/// The last one made; made again when edition or masters change.
#[derive(Default)]
pub struct CatalogueCache(Mutex<Option<Arc<TownCatalogue>>>);

impl CatalogueCache {
    /// The last one made, if it is of this edition and this revision of the masters.
    pub(crate) fn get(
        &self,
        edition: &Published<Catalogue>,
        revision: u64,
    ) -> Option<Arc<TownCatalogue>> {
        let made = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let fits = |made: &&Arc<TownCatalogue>| {
            made.masters.revision == revision && made.edition.etag == edition.etag
        };
        made.as_ref().filter(fits).cloned()
    }

    pub(crate) fn keep(&self, made: &Arc<TownCatalogue>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(made.clone());
    }
}
