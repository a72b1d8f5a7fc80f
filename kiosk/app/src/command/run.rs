//! `kiosk run --settings FILE`

use std::path::Path;
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};

use kiosk::running::{Running, StartError};
use kiosk::settings::{self, Settings};
use session::effect::Event;
use session::screen::Screen;
use ui::{UiError, UiHandle, WordBook};

use super::{Done, Failure, parts};

pub(super) fn run(file: &Path) -> Done {
    let settings = Settings::read(file).map_err(Failure::input)?;
    let book =
        WordBook::from_folder(&settings.kiosk.assets.join("words")).map_err(Failure::input)?;
    let hardware = parts::hardware(&settings)?;
    let glass = Glass::default();
    let shown = glass.clone();
    let running = Running::start(
        &settings,
        hardware,
        Box::new(move |screen| shown.show(screen)),
    )
    .map_err(|error: StartError| Failure::work(error))?;
    let tell = running.tell.clone();
    let touched = move |touch| tell.event(Event::Touch(touch));
    open(&settings.screen, book, touched, move |handle| {
        glass.ready(handle)
    })
    .map_err(Failure::work)?;
    drop(running);
    Ok(ExitCode::SUCCESS)
}

/// Opens the screen on this thread and returns when it is closed.
fn open(
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
        // Which of the two the window's back end is was chosen when the program was built.
        settings::Screen::Window(_) | settings::Screen::Kms(_) => {
            ui::run_window(book, touched, ready)
        }
    }
}

#[cfg(not(feature = "web"))]
fn unavailable(feature: &str) -> UiError {
    UiError::Platform(slint::PlatformError::Other(format!(
        "this program was built without {feature}"
    )))
}

/// The window, once it is there; until then the newest screen waits.
#[derive(Clone, Default)]
struct Glass(Arc<Mutex<Pane>>);

#[derive(Default)]
struct Pane {
    handle: Option<UiHandle>,
    waiting: Option<Screen>,
}

impl Glass {
    fn show(&self, screen: Screen) {
        let mut pane = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match &pane.handle {
            // A closed window ends the program; until then there is nobody to show anything to.
            Some(handle) => {
                let _ = handle.show(screen);
            }
            None => pane.waiting = Some(screen),
        }
    }

    fn ready(&self, handle: UiHandle) {
        let mut pane = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(screen) = pane.waiting.take() {
            let _ = handle.show(screen);
        }
        pane.handle = Some(handle);
    }
}
