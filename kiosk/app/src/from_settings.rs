//! What a kiosk reads once at its start, from where its settings say.

use std::sync::Arc;

use guidance::Catalogue;
use paper::FontSet;
use session::TownContext;
use session::touch::Language;

use crate::editions::{Edition, EditionStore, Forms, KeyError, TrustedKeys};
use crate::effects::Designs;
use crate::settings::Settings;

/// The store of catalogue and forms.
///
/// # Errors
/// Names the key file that is none, or the folder without any.
pub fn edition_store(settings: &Settings) -> Result<EditionStore, KeyError> {
    let keys = TrustedKeys::read(&settings.cloud.edition_keys)?;
    let kept = settings.kiosk.data.join("editions");
    Ok(EditionStore::new(
        &kept,
        &settings.kiosk.assets,
        settings.kiosk.tenant.clone(),
        keys,
    ))
}

/// The fonts that the settings name.
///
/// # Errors
/// Names the missing family.
pub fn fonts(settings: &Settings) -> Result<FontSet, paper::FontError> {
    let folders: Vec<_> = settings
        .paper
        .fonts
        .iter()
        .map(|folder| folder.to_path_buf())
        .collect();
    FontSet::load(&folders)
}

pub(crate) fn designs(
    settings: &Settings,
    catalogue: &Edition<Catalogue>,
    forms: &Edition<Forms>,
) -> Designs {
    Designs {
        forms: Arc::clone(&forms.content),
        catalogue: Arc::clone(&catalogue.content),
        town: settings.kiosk.town.get("ja").to_owned(),
        tenant: settings.kiosk.tenant.to_string(),
        place: settings.kiosk.place.clone(),
    }
}

pub(crate) fn town(
    settings: &Settings,
    catalogue: &Edition<Catalogue>,
    forms: &Edition<Forms>,
) -> TownContext {
    TownContext {
        name: settings.kiosk.town.clone(),
        tenant: settings.kiosk.tenant.to_string(),
        kiosk: settings.kiosk.id.to_string(),
        languages: settings
            .kiosk
            .languages
            .iter()
            .cloned()
            .map(Language)
            .collect(),
        catalogue: Arc::clone(&catalogue.content),
        forms: Arc::clone(&forms.content.set),
        forms_edition: forms.etag.clone(),
        policy: settings.visit,
    }
}
