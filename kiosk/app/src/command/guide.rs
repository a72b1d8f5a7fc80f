//! `kiosk guide FACTS.json`

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use guidance::Catalogue;
use kiosk::editions::shipped_content;
use kiosk::from_settings::edition_store;
use kiosk::settings::Settings;

use super::outcome::{Failure, Outcome, print};

/// Where the shipped data is looked for when nobody says where.
const ASSETS: [&str; 2] = ["assets", "/usr/share/genkan"];

pub(super) fn guide(facts: &Path, settings: Option<&Path>, assets: Option<PathBuf>) -> Outcome {
    let document = fs::read_to_string(facts)
        .map_err(|error| Failure::input(format!("{}: {error}", facts.display())))?;
    let catalogue = match settings {
        Some(settings) => {
            let settings = Settings::read(settings).map_err(Failure::input)?;
            let store = edition_store(&settings).map_err(Failure::input)?;
            let (rules, _) = store.load_rules().map_err(Failure::input)?;
            rules.catalogue().content
        }
        None => {
            let found = || {
                ASSETS
                    .iter()
                    .map(PathBuf::from)
                    .find(|folder| folder.join("catalogue").is_dir())
            };
            let assets = assets
                .or_else(found)
                .ok_or_else(|| Failure::input("no catalogue found: say --assets"))?;
            Arc::new(shipped_content::<Catalogue>(&assets).map_err(Failure::input)?)
        }
    };
    let reply = guidance::guide(&catalogue, &document)
        .map_err(|error| Failure::input(format!("{}: {error}", facts.display())))?;
    print(reply.as_bytes())?;
    Ok(ExitCode::SUCCESS)
}
