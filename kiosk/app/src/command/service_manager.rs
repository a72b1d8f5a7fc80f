//! What the kiosk reports to systemd: that the first screen is drawn (the service counts as started only then), a sign of life
//! each time the window has drawn again (the watchdog: a kiosk whose window hangs is restarted), and the state of every part, which
//! the image's health check reads. Outside systemd nothing is reported.

use std::io;
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

use kiosk::kiosk_health::KioskHealth;
use kiosk_api::{Part, PartState, PartStatus};
use sd_notify::NotifyState;

use super::window::WindowHandle;

/// Between two signs of life.
const BEAT: Duration = Duration::from_secs(5);

/// Reports from a thread of its own, until the program ends.
pub(super) fn report(window: WindowHandle, health: Arc<KioskHealth>) -> io::Result<()> {
    if std::env::var_os("NOTIFY_SOCKET").is_none() {
        return Ok(());
    }
    std::thread::Builder::new()
        .name("service".into())
        .spawn(move || beat(&window, &health))?;
    Ok(())
}

fn beat(window: &WindowHandle, health: &KioskHealth) {
    let (drawn, frames) = channel();
    let mut ready = false;
    loop {
        let drawn = drawn.clone();
        window.after_frame(move || {
            let _ = drawn.send(());
        });
        match frames.recv_timeout(BEAT) {
            Ok(()) => {
                let status = status(&health.states());
                notify(&[NotifyState::Status(&status), NotifyState::Watchdog]);
                if !ready {
                    notify(&[NotifyState::Ready]);
                    tracing::info!(kind = "first-frame");
                    ready = true;
                }
                // Nothing else comes until the next frame is asked for: only a wait.
                let _ = frames.recv_timeout(BEAT);
            }
            // A window that hangs, or one that is not there yet; the watchdog decides how long is too long.
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}

fn notify(state: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(state) {
        tracing::warn!(kind = "service-manager", %error);
    }
}

/// `screen=drawn card_reader=ready …`; names are those of the wire.
fn status(parts: &[PartStatus]) -> String {
    let mut words = vec!["screen=drawn".to_owned()];
    words.extend(
        parts
            .iter()
            .map(|status| format!("{}={}", part(status.part), state(status.state))),
    );
    words.join(" ")
}

fn part(part: Part) -> &'static str {
    match part {
        Part::CardReader => "card_reader",
        Part::FormPrinter => "form_printer",
        Part::ReceiptPrinter => "receipt_printer",
        Part::Indicator => "indicator",
        Part::StatusDisplay => "status_display",
        Part::Presence => "presence",
        Part::Tamper => "tamper",
        Part::Outbox => "outbox",
    }
}

fn state(state: PartState) -> &'static str {
    match state {
        PartState::Ready => "ready",
        PartState::Attention => "attention",
        PartState::Stopped => "stopped",
        PartState::Missing => "missing",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_called_as_on_the_wire() {
        let all = [
            Part::CardReader,
            Part::FormPrinter,
            Part::ReceiptPrinter,
            Part::Indicator,
            Part::StatusDisplay,
            Part::Presence,
            Part::Tamper,
            Part::Outbox,
        ];
        for one in all {
            let wire = serde_json::to_value(one).unwrap();
            assert_eq!(wire, part(one));
        }
        let parts = [PartStatus {
            part: Part::Outbox,
            state: PartState::Attention,
        }];
        assert_eq!(status(&parts), "screen=drawn outbox=attention");
    }
}
