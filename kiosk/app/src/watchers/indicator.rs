//! People arrive, somebody opens the housing; the light ring shows what the session wants.

use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};

use devices::indicator::{Indicator, Light};
use kiosk_api::{Part, PartState};
use session::effect::{Event, Indication, Notice};

use super::StopSignal;
use super::watcher::start;
use crate::housing::Housing;
use crate::kiosk_health::KioskHealth;
use crate::loop_event::EventSender;

/// The ring's animation: 20 steps a second.
const FRAME: Duration = Duration::from_millis(50);

/// Drives the light ring and reads presence sensor and tamper switch, on one thread. The returned function sets the ring.
#[must_use]
pub fn indicator(
    mut indicator: Box<dyn Indicator>,
    events: EventSender,
    health: Arc<KioskHealth>,
    housing: Housing,
    stop: StopSignal,
) -> Box<dyn Fn(Indication) + Send> {
    let (lights, indications) = mpsc::channel();
    let _ = start("indicator", move || {
        let started = Instant::now();
        let mut senses = None;
        while !stop.wait(Duration::ZERO) {
            match indications.recv_timeout(FRAME) {
                Ok(indication) => {
                    set_indicator_state(&health, indicator.light(light(indication)).is_ok())
                }
                Err(RecvTimeoutError::Timeout) => {
                    set_indicator_state(&health, indicator.animate(started.elapsed()).is_ok())
                }
                Err(RecvTimeoutError::Disconnected) => break,
            }
            let Ok(now) = indicator.sense() else { continue };
            let before = senses.replace(now);
            if before.map(|before| before.present) != Some(now.present) {
                events.event(Event::Notice(Notice::Presence(now.present)));
            }
            if before.map(|before| before.tampered) != Some(now.tampered) {
                let moved = Notice::Housing { open: now.tampered };
                housing.switch(now.tampered, || events.event(Event::Notice(moved)));
            }
            health.part(Part::Presence, PartState::Ready);
        }
    });
    Box::new(move |indication| {
        let _ = lights.send(indication);
    })
}

fn set_indicator_state(health: &KioskHealth, works: bool) {
    health.part(
        Part::Indicator,
        if works {
            PartState::Ready
        } else {
            PartState::Missing
        },
    );
}

fn light(indication: Indication) -> Light {
    match indication {
        Indication::Idle => Light::Free,
        Indication::CardWanted | Indication::TakeAway => Light::Attention,
        Indication::CardBusy => Light::InUse,
        Indication::Help => Light::Staff,
    }
}
