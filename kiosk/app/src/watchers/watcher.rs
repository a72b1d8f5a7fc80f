//! The thread of a watcher.

use std::thread::{self, JoinHandle};
use std::time::Duration;

/// Between two checks of printers and outbox, and between two pictures of the status display.
pub(super) const CHECK_EVERY: Duration = Duration::from_secs(5);

/// Starts a watcher on a thread of its own. One that cannot start is logged: the kiosk goes on without it.
pub(super) fn start(
    name: &'static str,
    watch: impl FnOnce() + Send + 'static,
) -> Option<JoinHandle<()>> {
    thread::Builder::new()
        .name(name.into())
        .spawn(watch)
        .inspect_err(|error| tracing::error!(kind = "watcher", name, %error))
        .ok()
}
