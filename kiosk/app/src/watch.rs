//! What changes by itself: cards come and go, printers run out of paper, people arrive, the cloud goes away, time passes.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use devices::card::{CardReader, Presence};
use devices::form_printer::{FormPrinter, FormPrinterStatus};
use devices::indicator::{Indicator, Light};
use devices::receipt_printer::{Paper, ReceiptPrinter, ReceiptPrinterStatus};
use devices::status_display::{Status, StatusDisplay, Supply};
use kiosk_api::{EventKind, Part, PartState};
use session::effect::{Event, Indication, Notice};

use crate::cloud::Cloud;
use crate::lobby::Tell;
use crate::outbox::Queue;
use crate::vitals::Vitals;
use crate::worker::Worker;

/// Between two looks at printers and the outbox, and between two pictures of the status display.
const LOOK: Duration = Duration::from_secs(5);
/// The ring's animation: 20 steps a second.
const FRAME: Duration = Duration::from_millis(50);

/// The end of every watcher. Clones are the same end.
#[derive(Clone, Default)]
pub struct Stop(Arc<(Mutex<bool>, Condvar)>);

impl Stop {
    /// Ends the watchers.
    pub fn stop(&self) {
        *self.0.0.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.0.1.notify_all();
    }

    /// Waits; whether the end came.
    #[must_use]
    pub fn wait(&self, time: Duration) -> bool {
        let stopped = self.0.0.lock().unwrap_or_else(PoisonError::into_inner);
        *self
            .0
            .1
            .wait_timeout_while(stopped, time, |stopped| !*stopped)
            .unwrap_or_else(PoisonError::into_inner)
            .0
    }
}

/// Starts a watcher. One that cannot start is told: the kiosk works on without it.
fn start(name: &'static str, watch: impl FnOnce() + Send + 'static) -> Option<JoinHandle<()>> {
    thread::Builder::new()
        .name(name.into())
        .spawn(watch)
        .inspect_err(|error| tracing::error!(kind = "watcher", name, %error))
        .ok()
}

/// A tick each second.
pub fn ticks(tell: Tell, stop: Stop) {
    let _ = start("tick", move || {
        while !stop.wait(Duration::from_secs(1)) {
            tell.event(Event::Tick);
        }
    });
}

/// Cards on the reader. `reader` is a handle of its own, beside the one that works with the card.
pub fn cards(mut reader: Box<dyn CardReader>, tell: Tell, vitals: Arc<Vitals>, stop: Stop) {
    let _ = start("card-watch", move || {
        let mut seen = Presence::Empty;
        while !stop.wait(Duration::ZERO) {
            match reader.wait_for_change(seen, Duration::from_secs(1)) {
                Ok(now) => {
                    vitals.part(
                        Part::CardReader,
                        if now == Presence::NoReader {
                            PartState::Missing
                        } else {
                            PartState::Ready
                        },
                    );
                    for notice in card_notices(seen, now) {
                        tell.event(Event::Notice(notice));
                    }
                    tell.event(Event::Notice(Notice::Cards(now != Presence::NoReader)));
                    // Without a reader there is nothing to wait on: a look each second.
                    if now == Presence::NoReader
                        && seen == Presence::NoReader
                        && stop.wait(Duration::from_secs(1))
                    {
                        break;
                    }
                    seen = now;
                }
                Err(error) => {
                    tell.event(Event::Notice(Notice::Cards(false)));
                    if vitals.part(Part::CardReader, PartState::Missing) {
                        tracing::warn!(kind = "card-reader", reason = error.kind());
                    }
                    if stop.wait(Duration::from_secs(1)) {
                        break;
                    }
                }
            }
        }
    });
}

/// Two cards in quick succession are a leaving and a coming, so that the second is never taken for the first.
fn card_notices(before: Presence, now: Presence) -> Vec<Notice> {
    let there = |presence| matches!(presence, Presence::Card { .. } | Presence::Mute);
    match (there(before), there(now)) {
        (false, true) => vec![Notice::CardHere],
        (true, false) => vec![Notice::CardGone],
        (true, true) if before != now => vec![Notice::CardGone, Notice::CardHere],
        _ => Vec::new(),
    }
}

/// The cloud's reachability.
pub async fn online(cloud: Cloud, tell: Tell) {
    let mut online = cloud.online();
    while online.changed().await.is_ok() {
        if let Some(now) = *online.borrow_and_update() {
            tell.event(Event::Notice(Notice::Online(now)));
        }
    }
}

/// Printers and outbox, for the screen, heartbeat and status display. The thread holds the outbox: who wants that closed joins it.
pub fn supplies(
    receipts: Arc<Worker<Box<dyn ReceiptPrinter>>>,
    forms: Arc<Worker<Box<dyn FormPrinter>>>,
    queue: Arc<dyn Queue>,
    tell: Tell,
    vitals: Arc<Vitals>,
    stop: Stop,
) -> Option<JoinHandle<()>> {
    start("supply-watch", move || {
        let (receipts_asked, forms_asked) = (
            Arc::new(AtomicBool::new(false)),
            Arc::new(AtomicBool::new(false)),
        );
        loop {
            look(
                &receipts,
                &receipts_asked,
                Part::ReceiptPrinter,
                &vitals,
                |printer| {
                    printer
                        .status()
                        .map_or(PartState::Missing, |status| receipt_state(&status))
                },
            );
            look(
                &forms,
                &forms_asked,
                Part::FormPrinter,
                &vitals,
                |printer| {
                    printer
                        .status()
                        .map_or(PartState::Missing, |status| form_state(&status))
                },
            );
            // Told anew at each look: a session that has just begun knows nothing.
            tell.event(Event::Notice(Notice::Printing(prints(&vitals))));
            // Some wait while the cloud is away; that many means that nobody sees to it.
            let many = queue.len() > 200;
            vitals.part(
                Part::Outbox,
                if many {
                    PartState::Attention
                } else {
                    PartState::Ready
                },
            );
            if stop.wait(LOOK) {
                break;
            }
        }
    })
}

/// Asks a printer on its own worker; never twice at once, so that a busy one is not flooded.
fn look<P: 'static>(
    worker: &Worker<P>,
    asked: &Arc<AtomicBool>,
    part: Part,
    vitals: &Arc<Vitals>,
    state: impl FnOnce(&mut P) -> PartState + Send + 'static,
) {
    if asked.swap(true, Ordering::AcqRel) {
        return;
    }
    let (asked, vitals) = (Arc::clone(asked), Arc::clone(vitals));
    worker.run(move |printer| {
        let state = state(printer);
        asked.store(false, Ordering::Release);
        if vitals.part(part, state) {
            tracing::info!(kind = "part", ?part, ?state);
        }
    });
}

/// Both printers are there; one that has not answered yet counts as there.
fn prints(vitals: &Vitals) -> bool {
    [Part::ReceiptPrinter, Part::FormPrinter]
        .iter()
        .all(|part| vitals.state(*part) != Some(PartState::Missing))
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

/// Light ring, presence sensor and tamper switch, on one thread. Returns how to light the ring.
#[must_use]
pub fn indicator(
    mut indicator: Box<dyn Indicator>,
    tell: Tell,
    vitals: Arc<Vitals>,
    stop: Stop,
) -> Box<dyn Fn(Indication) + Send> {
    let (lights, wanted) = mpsc::channel();
    let _ = start("indicator", move || {
        let begun = Instant::now();
        let mut senses = None;
        while !stop.wait(Duration::ZERO) {
            match wanted.recv_timeout(FRAME) {
                Ok(indication) => told(&vitals, indicator.light(light(indication)).is_ok()),
                Err(RecvTimeoutError::Timeout) => {
                    told(&vitals, indicator.animate(begun.elapsed()).is_ok())
                }
                Err(RecvTimeoutError::Disconnected) => break,
            }
            let Ok(now) = indicator.sense() else { continue };
            let before = senses.replace(now);
            if before.map(|before| before.present) != Some(now.present) {
                tell.event(Event::Notice(Notice::Presence(now.present)));
            }
            if now.tampered && !before.is_some_and(|before| before.tampered) {
                tracing::warn!(kind = "tampered");
                vitals.count(EventKind::Tampered);
            }
            vitals.part(Part::Presence, PartState::Ready);
            vitals.part(
                Part::Tamper,
                if now.tampered {
                    PartState::Attention
                } else {
                    PartState::Ready
                },
            );
        }
    });
    Box::new(move |indication| {
        let _ = lights.send(indication);
    })
}

fn told(vitals: &Vitals, works: bool) {
    vitals.part(
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

/// The small display inside the case. The thread holds the outbox, as [`supplies`] does.
pub fn status_display(
    mut display: Box<dyn StatusDisplay>,
    kiosk: String,
    cloud: &Cloud,
    queue: Arc<dyn Queue>,
    vitals: Arc<Vitals>,
    stop: Stop,
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
                receipt_paper: supply(vitals.state(Part::ReceiptPrinter)),
                form_paper: supply(vitals.state(Part::FormPrinter)),
            };
            if shown.as_ref() != Some(&status) {
                let works = display.show(&status).is_ok();
                vitals.part(
                    Part::StatusDisplay,
                    if works {
                        PartState::Ready
                    } else {
                        PartState::Missing
                    },
                );
                shown = works.then_some(status);
            }
            if stop.wait(LOOK) {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_card_is_a_leaving_and_a_coming() {
        let (first, second) = (
            Presence::Card { insertion: 1 },
            Presence::Card { insertion: 2 },
        );
        assert_eq!(card_notices(Presence::Empty, first), [Notice::CardHere]);
        assert_eq!(card_notices(first, first), []);
        assert_eq!(
            card_notices(first, second),
            [Notice::CardGone, Notice::CardHere]
        );
        assert_eq!(card_notices(second, Presence::NoReader), [Notice::CardGone]);
        assert_eq!(card_notices(Presence::NoReader, Presence::Empty), []);
    }

    #[test]
    fn the_end_wakes_everybody() {
        let stop = Stop::default();
        assert!(!stop.wait(Duration::ZERO));
        let waiting = stop.clone();
        let waiter = thread::spawn(move || waiting.wait(Duration::from_secs(600)));
        stop.stop();
        assert!(waiter.join().unwrap());
    }
}
