//! The small display inside the case follows what the other watchers found.

use std::sync::Arc;
use std::thread::JoinHandle;

use devices::status_display::{Status, StatusDisplay, Supply};
use kiosk_api::{Part, PartState};

use super::StopSignal;
use super::watcher::{CHECK_EVERY, start};
use crate::cloud::Cloud;
use crate::kiosk_health::KioskHealth;
use crate::outbox::Queue;

/// Shows network, queue and paper. The thread keeps the outbox open until it ends.
pub fn status_display(
    mut display: Box<dyn StatusDisplay>,
    kiosk: String,
    cloud: &Cloud,
    queue: Arc<dyn Queue>,
    health: Arc<KioskHealth>,
    stop: StopSignal,
) -> Option<JoinHandle<()>> {
    let online = cloud.online();
    start("status-display", move || {
        let mut shown = None;
        loop {
            let status = Status {
                kiosk: kiosk.clone(),
                address: String::new(),
                cloud: *online.borrow() == Some(true),
                queue: queue.len(),
                receipt_paper: supply(health.state(Part::ReceiptPrinter)),
                form_paper: supply(health.state(Part::FormPrinter)),
            };
            if shown.as_ref() != Some(&status) {
                let works = display.show(&status).is_ok();
                health.part(
                    Part::StatusDisplay,
                    if works {
                        PartState::Ready
                    } else {
                        PartState::Missing
                    },
                );
                shown = works.then_some(status);
            }
            if stop.wait(CHECK_EVERY) {
                break;
            }
        }
    })
}

fn supply(state: Option<PartState>) -> Supply {
    match state {
        Some(PartState::Ready) => Supply::Enough,
        Some(PartState::Attention) => Supply::Low,
        Some(PartState::Stopped) => Supply::Out,
        Some(PartState::Missing) | None => Supply::Unknown,
    }
}
