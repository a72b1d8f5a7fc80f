//! `kiosk run --settings FILE`

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use kiosk::StartError;
use kiosk::running_kiosk::RunningKiosk;
use kiosk::settings::Settings;
use session::effect::Event;
use ui::WordBook;

use super::outcome::{Failure, Outcome};
use super::window::WindowHandle;
use super::{hardware, screen, service_manager, signals};

pub(super) fn run(file: &Path) -> Outcome {
    let settings = Settings::read(file).map_err(Failure::input)?;
    let window = WindowHandle::default();
    signals::close_on_signals(window.clone()).map_err(Failure::work)?;
    let book =
        WordBook::from_folder(&settings.kiosk.assets.join("words")).map_err(Failure::input)?;
    let hardware = hardware::hardware(&settings)?;
    let shown = window.clone();
    let running = RunningKiosk::start(
        &settings,
        hardware,
        Box::new(move |screen| shown.show(screen)),
    )
    .map_err(|error: StartError| Failure::work(error))?;
    service_manager::report(window.clone(), Arc::clone(&running.health)).map_err(Failure::work)?;
    let events = running.events.clone();
    let touched = move |touch| events.event(Event::Touch(touch));
    screen::open(&settings.screen, book, touched, move |handle| {
        window.ready(handle)
    })
    .map_err(Failure::work)?;
    drop(running);
    tracing::info!(kind = "ended");
    Ok(ExitCode::SUCCESS)
}
