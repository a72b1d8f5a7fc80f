//! The window as the rest of the program uses it, also before it is there and after it was closed.

use std::sync::{Arc, Mutex, PoisonError};

use session::screen::Screen;
use ui::UiHandle;

/// Keeps the newest screen until the window is there. Clones are the same window.
#[derive(Clone, Default)]
pub(super) struct WindowHandle(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    handle: Option<UiHandle>,
    waiting: Option<Screen>,
    /// Closed before the window was there.
    closed: bool,
}

impl WindowHandle {
    pub(super) fn show(&self, screen: Screen) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match &state.handle {
            // A closed window ends the program; until then there is nobody to show anything to.
            Some(handle) => {
                let _ = handle.show(screen);
            }
            None => state.waiting = Some(screen),
        }
    }

    pub(super) fn ready(&self, handle: UiHandle) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(screen) = state.waiting.take() {
            let _ = handle.show(screen);
        }
        if state.closed {
            let _ = handle.quit();
        }
        state.handle = Some(handle);
    }

    /// Calls `drawn` once everything shown until now is drawn; never, while there is no window.
    pub(super) fn after_frame(&self, drawn: impl FnOnce() + Send + 'static) {
        let state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(handle) = &state.handle {
            let _ = handle.after_frame(drawn);
        }
    }

    /// Closes the window; one that is still to come closes at once. The program then ends as when somebody closes it.
    pub(super) fn close(&self) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.closed = true;
        if let Some(handle) = &state.handle {
            let _ = handle.quit();
        }
    }
}
