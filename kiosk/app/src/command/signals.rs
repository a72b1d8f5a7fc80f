//! SIGTERM (the service manager's) and SIGINT (Ctrl-C) end the kiosk as a closed window does: the visit is forgotten, the card
//! loses its power, what was started is finished, exit code 0.

use std::io;
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::window::WindowHandle;

/// A part that hangs must not keep a kiosk from ending: after this the program ends without it, with exit code 1. What was
/// stored is on the disk by then in any case, and pcscd resets a card whose program is gone.
const LONGEST: Duration = Duration::from_secs(15);

/// Closes the window at either signal. Called before the parts are made, so that none is missed.
pub(super) fn close_on_signals(window: WindowHandle) -> io::Result<()> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let (terminate, interrupt) = {
        let _context = runtime.enter();
        (
            signal(SignalKind::terminate())?,
            signal(SignalKind::interrupt())?,
        )
    };
    std::thread::Builder::new()
        .name("signals".into())
        .spawn(move || wait(&runtime, terminate, interrupt, &window))?;
    Ok(())
}

fn wait(runtime: &Runtime, mut terminate: Signal, mut interrupt: Signal, window: &WindowHandle) {
    runtime.block_on(async {
        let name = tokio::select! {
            _ = terminate.recv() => "SIGTERM",
            _ = interrupt.recv() => "SIGINT",
        };
        tracing::info!(kind = "ending", signal = name);
        window.close();
        // A second signal is impatience: it ends the wait.
        tokio::select! {
            () = tokio::time::sleep(LONGEST) => {}
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    });
    tracing::error!(kind = "ended-hard", "a part did not let go");
    std::process::exit(1);
}
