//! Printers run out of paper, and the outbox fills.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;

use devices::form_printer::{FormPrinter, FormPrinterStatus};
use devices::receipt_printer::{Paper, ReceiptPrinter, ReceiptPrinterStatus};
use kiosk_api::{Part, PartState};
use session::effect::{Event, Notice};

use super::StopSignal;
use super::watcher::{CHECK_EVERY, start};
use crate::kiosk_health::KioskHealth;
use crate::loop_event::EventSender;
use crate::outbox::Queue;
use crate::worker::Worker;

/// Checks printers and outbox, for screen, heartbeat and status display. The thread keeps the outbox open until it ends.
pub fn supplies(
    receipts: Arc<Worker<Box<dyn ReceiptPrinter>>>,
    forms: Arc<Worker<Box<dyn FormPrinter>>>,
    queue: Arc<dyn Queue>,
    events: EventSender,
    health: Arc<KioskHealth>,
    stop: StopSignal,
) -> Option<JoinHandle<()>> {
    start("supply-watch", move || {
        let (receipts_asked, forms_asked) = (
            Arc::new(AtomicBool::new(false)),
            Arc::new(AtomicBool::new(false)),
        );
        loop {
            check(
                &receipts,
                &receipts_asked,
                Part::ReceiptPrinter,
                &health,
                |printer| {
                    printer
                        .status()
                        .map_or(PartState::Missing, |status| receipt_state(&status))
                },
            );
            check(
                &forms,
                &forms_asked,
                Part::FormPrinter,
                &health,
                |printer| {
                    printer
                        .status()
                        .map_or(PartState::Missing, |status| form_state(&status))
                },
            );
            // Sent after each check: a session that has just begun knows nothing.
            events.event(Event::Notice(Notice::Printing(can_print(&health))));
            // Some wait while the cloud is away; so many mean that nobody has noticed.
            let many = queue.len() > 200;
            health.part(
                Part::Outbox,
                if many {
                    PartState::Attention
                } else {
                    PartState::Ready
                },
            );
            if stop.wait(CHECK_EVERY) {
                break;
            }
        }
    })
}

/// Asks a printer on its own worker; never twice at once, so that a busy one is not flooded.
fn check<P: 'static>(
    worker: &Worker<P>,
    asked: &Arc<AtomicBool>,
    part: Part,
    health: &Arc<KioskHealth>,
    state: impl FnOnce(&mut P) -> PartState + Send + 'static,
) {
    if asked.swap(true, Ordering::AcqRel) {
        return;
    }
    let (asked, health) = (Arc::clone(asked), Arc::clone(health));
    worker.run(move |printer| {
        let state = state(printer);
        asked.store(false, Ordering::Release);
        if health.part(part, state) {
            tracing::info!(kind = "part", ?part, ?state);
        }
    });
}

/// Whether both printers are there; one that has not answered yet counts as there.
fn can_print(health: &KioskHealth) -> bool {
    [Part::ReceiptPrinter, Part::FormPrinter]
        .iter()
        .all(|part| health.state(*part) != Some(PartState::Missing))
}

fn receipt_state(status: &ReceiptPrinterStatus) -> PartState {
    match (status.trouble(), status.paper) {
        (Some(_), _) => PartState::Stopped,
        (None, Paper::NearEnd) => PartState::Attention,
        (None, _) => PartState::Ready,
    }
}

fn form_state(status: &FormPrinterStatus) -> PartState {
    if status.trouble().is_some() || !status.accepting {
        PartState::Stopped
    } else if status.faults.is_empty() {
        PartState::Ready
    } else {
        PartState::Attention
    }
}
