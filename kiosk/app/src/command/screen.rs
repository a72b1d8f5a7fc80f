//! Settings → the screen: a browser tab, a window or the display itself.

use kiosk::settings;
use ui::{UiError, UiHandle, WordBook};

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
            let address = ui::WebAddress {
                listen: web.listen.0,
                names: web.names.clone(),
            };
            ui::run_web(address, book, touched, move |handle, address| {
                tracing::info!(kind = "screen", %address);
                ready(handle);
            })
        }
        #[cfg(not(feature = "web"))]
        settings::Screen::Web(_) => Err(unavailable("web")),
        #[cfg(feature = "winit")]
        settings::Screen::Window(_) => ui::run_window(book, touched, log_and_then(ready)),
        #[cfg(not(feature = "winit"))]
        settings::Screen::Window(_) => Err(unavailable("winit")),
        #[cfg(feature = "kms")]
        settings::Screen::Kms(_) => ui::run_kms(book, touched, log_and_then(ready)),
        #[cfg(not(feature = "kms"))]
        settings::Screen::Kms(_) => Err(unavailable("kms")),
    }
}

/// Logs that the window is there.
#[cfg(any(feature = "winit", feature = "kms"))]
fn log_and_then(ready: impl FnOnce(UiHandle)) -> impl FnOnce(UiHandle) {
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
