//! `kiosk network --settings FILE`

use std::path::Path;
use std::process::ExitCode;

use kiosk::settings::Settings;

use super::outcome::{Failure, Outcome, print};

pub(super) fn network(settings: &Path) -> Outcome {
    let settings = Settings::read(settings).map_err(Failure::input)?;
    let addresses = settings.network().map_err(Failure::work)?;
    let lines = addresses.iter().map(|address| format!("{address}\n"));
    print(lines.collect::<String>().as_bytes())?;
    Ok(ExitCode::SUCCESS)
}
