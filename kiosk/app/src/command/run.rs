//! `kiosk run --settings FILE`

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use kiosk::running::{Running, StartError};
use kiosk::settings::{self, Settings};
use session::effect::Event;
use ui::{UiError, UiHandle, WordBook};

use super::glass::Glass;
use super::{Done, Failure, ending, parts, service};

pub(super) fn run(file: &Path) -> Done {
    let settings = Settings::read(file).map_err(Failure::input)?;
    let glass = Glass::default();
    ending::end_with_signals(glass.clone()).map_err(Failure::work)?;
    let book =
        WordBook::from_folder(&settings.kiosk.assets.join("words")).map_err(Failure::input)?;
    let hardware = parts::hardware(&settings)?;
    let shown = glass.clone();
    let running = Running::start(
        &settings,
        hardware,
        Box::new(move |screen| shown.show(screen)),
    )
    .map_err(|error: StartError| Failure::work(error))?;
    service::watch(glass.clone(), Arc::clone(&running.vitals)).map_err(Failure::work)?;
    let tell = running.tell.clone();
    let touched = move |touch| tell.event(Event::Touch(touch));
    open(&settings.screen, book, touched, move |handle| {
        glass.ready(handle)
    })
    .map_err(Failure::work)?;
    drop(running);
    tracing::info!(kind = "ended");
    Ok(ExitCode::SUCCESS)
}

/// Opens the screen on this thread and returns when it is closed.
pub(super) fn open(
    screen: &settings::Screen,
    book: WordBook,
    touched: impl Fn(session::touch::Touch) + 'static,
    ready: impl FnOnce(UiHandle),
) -> Result<(), UiError> {
    match screen {
        #[cfg(feature = "web")]
        settings::Screen::Web(web) => {
            ui::run_web(web.listen.0, book, touched, move |handle, address| {
                tracing::info!(kind = "screen", %address);
                ready(handle);
            })
        }
        #[cfg(not(feature = "web"))]
        settings::Screen::Web(_) => Err(unavailable("web")),
        #[cfg(feature = "winit")]
        settings::Screen::Window(_) => ui::run_window(book, touched, told(ready)),
        #[cfg(not(feature = "winit"))]
        settings::Screen::Window(_) => Err(unavailable("winit")),
        #[cfg(feature = "kms")]
        settings::Screen::Kms(_) => ui::run_kms(book, touched, told(ready)),
        #[cfg(not(feature = "kms"))]
        settings::Screen::Kms(_) => Err(unavailable("kms")),
    }
}

/// Says in the log that the window is there.
#[cfg(any(feature = "winit", feature = "kms"))]
fn told(ready: impl FnOnce(UiHandle)) -> impl FnOnce(UiHandle) {
    move |handle| {
        tracing::info!(kind = "screen");
        ready(handle);
    }
}

#[cfg(not(all(feature = "web", feature = "winit", feature = "kms")))]
fn unavailable(feature: &str) -> UiError {
    UiError::Platform(slint::PlatformError::Other(format!(
        "this program was built without {feature}"
    )))
}
