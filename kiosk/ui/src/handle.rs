//! The window on its own thread; screens come from other threads, touches go to them.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use session::screen::Screen;
use session::touch::Touch;
use slint::ComponentHandle;

use crate::error::UiError;
use crate::ui::Ui;
use crate::words::WordBook;

/// The window has been closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the screen is closed")]
pub struct UiGone;

/// Something to do on the window's thread.
pub(crate) type Job = Box<dyn FnOnce(&Ui) + Send>;

/// Talks to the window from any thread.
#[derive(Clone)]
pub struct UiHandle {
    post: Arc<dyn Fn(Job) -> Result<(), UiGone> + Send + Sync>,
    quit: Arc<dyn Fn() -> Result<(), UiGone> + Send + Sync>,
}

impl UiHandle {
    pub(crate) fn new(
        post: impl Fn(Job) -> Result<(), UiGone> + Send + Sync + 'static,
        quit: impl Fn() -> Result<(), UiGone> + Send + Sync + 'static,
    ) -> Self {
        Self {
            post: Arc::new(post),
            quit: Arc::new(quit),
        }
    }

    /// Shows `screen` as soon as the window's thread comes to it. Never waits.
    ///
    /// # Errors
    /// The window is closed.
    pub fn show(&self, screen: Screen) -> Result<(), UiGone> {
        (self.post)(Box::new(move |ui| ui.show(&screen)))
    }

    /// Calls `drawn` on the window's thread once it has drawn what it was shown until now: from the thread's queue a timer is
    /// set, the loop fires it, draws, and only then comes to the queue again.
    ///
    /// # Errors
    /// The window is closed.
    pub fn after_frame(&self, drawn: impl FnOnce() + Send + 'static) -> Result<(), UiGone> {
        let post = Arc::clone(&self.post);
        (self.post)(Box::new(move |_| {
            slint::Timer::single_shot(Duration::ZERO, move || {
                // A window that closed meanwhile draws nothing more.
                let _ = post(Box::new(move |_| drawn()));
            });
        }))
    }

    /// Ends the window's loop.
    ///
    /// # Errors
    /// The window is closed already.
    pub fn quit(&self) -> Result<(), UiGone> {
        (self.quit)()
    }
}

thread_local! {
    static WINDOW: RefCell<Option<Rc<Ui>>> = const { RefCell::new(None) };
}

/// Opens the window on the display and the touch panel themselves (DRM/KMS and libinput) and runs until `quit`. The two
/// key chords that would end the back end's loop never reach it; see [`crate::chords`].
///
/// # Errors
/// No display, or it failed.
#[cfg(feature = "kms")]
pub fn run_kms(
    book: WordBook,
    on_touch: impl Fn(Touch) + 'static,
    ready: impl FnOnce(UiHandle),
) -> Result<(), UiError> {
    use input::event::keyboard::{KeyState, KeyboardEventTrait as _};
    let chords = RefCell::new(crate::chords::Chords::default());
    slint::BackendSelector::new()
        .backend_name("linuxkms".into())
        .renderer_name("software".into())
        .with_libinput_event_hook(move |event| match event {
            input::Event::Keyboard(key) => chords
                .borrow_mut()
                .swallows(key.key(), key.key_state() == KeyState::Pressed),
            _ => false,
        })
        .select()?;
    run_window(book, on_touch, ready)
}

/// Opens a window on the desktop and runs until it is closed.
///
/// `ready` gets the handle once the window exists; touches go to `on_touch` on this thread, which must not wait.
///
/// # Errors
/// No back end, or it failed.
pub fn run_window(
    book: WordBook,
    on_touch: impl Fn(Touch) + 'static,
    ready: impl FnOnce(UiHandle),
) -> Result<(), UiError> {
    let ui = Rc::new(Ui::new(book)?);
    ui.on_touch(on_touch);
    WINDOW.set(Some(Rc::clone(&ui)));
    ready(UiHandle::new(
        |job| {
            let shown = move || WINDOW.with_borrow(|ui| ui.as_deref().map(job).unwrap_or_default());
            slint::invoke_from_event_loop(shown).map_err(|_| UiGone)
        },
        || slint::quit_event_loop().map_err(|_| UiGone),
    ));
    let ran = ui.component().run();
    WINDOW.set(None);
    Ok(ran?)
}
