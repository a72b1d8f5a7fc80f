//! The window as the rest of the program sees it, also while it is not there yet or no longer.

use std::sync::{Arc, Mutex, PoisonError};

use session::screen::Screen;
use ui::UiHandle;

/// The window, once it is there; until then the newest screen waits.
#[derive(Clone, Default)]
pub(super) struct Glass(Arc<Mutex<Pane>>);

#[derive(Default)]
struct Pane {
    handle: Option<UiHandle>,
    waiting: Option<Screen>,
    /// Asked to end before the window was there.
    ended: bool,
}

impl Glass {
    pub(super) fn show(&self, screen: Screen) {
        let mut pane = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match &pane.handle {
            // A closed window ends the program; until then there is nobody to show anything to.
            Some(handle) => {
                let _ = handle.show(screen);
            }
            None => pane.waiting = Some(screen),
        }
    }

    pub(super) fn ready(&self, handle: UiHandle) {
        let mut pane = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(screen) = pane.waiting.take() {
            let _ = handle.show(screen);
        }
        if pane.ended {
            let _ = handle.quit();
        }
        pane.handle = Some(handle);
    }

    /// Calls `told` once everything shown until now is drawn; never, while there is no window.
    pub(super) fn after_frame(&self, told: impl FnOnce() + Send + 'static) {
        let pane = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(handle) = &pane.handle {
            let _ = handle.after_frame(told);
        }
    }

    /// Closes the window; one that is still to come closes at once. That ends the program as if the window had been closed.
    pub(super) fn close(&self) {
        let mut pane = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        pane.ended = true;
        if let Some(handle) = &pane.handle {
            let _ = handle.quit();
        }
    }
}
