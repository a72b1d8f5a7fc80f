//! The kiosk's health: states of parts and counts of events, for heartbeat, status display and staff. Nothing about people.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use kiosk_api::{Count, EventKind, Heartbeat, Part, PartState, PartStatus};
use session::effect::PrintProblem;

/// Shared by every thread that notices something.
#[derive(Default)]
pub struct KioskHealth(Mutex<State>);

#[derive(Default, Clone)]
struct State {
    parts: BTreeMap<Part, PartState>,
    events: BTreeMap<EventKind, u32>,
    catalogue: Option<String>,
    forms: Option<String>,
}

impl KioskHealth {
    /// Counts one event for the next heartbeat.
    pub fn count(&self, kind: EventKind) {
        *self.lock().events.entry(kind).or_default() += 1;
    }

    /// Sets the state of a part; returns whether it changed.
    pub fn part(&self, part: Part, state: PartState) -> bool {
        self.lock().parts.insert(part, state) != Some(state)
    }

    /// The state of a part; `None` until it was first seen.
    #[must_use]
    pub fn state(&self, part: Part) -> Option<PartState> {
        self.lock().parts.get(&part).copied()
    }

    /// Every part whose state is known.
    #[must_use]
    pub fn states(&self) -> Vec<PartStatus> {
        let parts = self.lock().parts.clone();
        let status = |(part, state)| PartStatus { part, state };
        parts.into_iter().map(status).collect()
    }

    /// Sets the name of the catalogue edition in use.
    pub fn catalogue(&self, name: &str) {
        self.lock().catalogue = Some(name.to_owned());
    }

    /// Sets the name of the forms edition in use.
    pub fn forms(&self, name: &str) {
        self.lock().forms = Some(name.to_owned());
    }

    /// Counts a form that came out, or sets the printer's state.
    pub fn printed_form(&self, printed: Result<(), PrintProblem>) {
        self.printed(Part::FormPrinter, EventKind::FormPrinted, printed);
    }

    /// The same for a receipt.
    pub fn printed_receipt(&self, printed: Result<(), PrintProblem>) {
        self.printed(Part::ReceiptPrinter, EventKind::ReceiptPrinted, printed);
    }

    fn printed(&self, part: Part, kind: EventKind, printed: Result<(), PrintProblem>) {
        match printed {
            Ok(()) => self.count(kind),
            Err(problem) => {
                self.count(EventKind::PrinterStopped);
                let offline = problem == PrintProblem::Offline;
                self.part(
                    part,
                    if offline {
                        PartState::Missing
                    } else {
                        PartState::Stopped
                    },
                );
            }
        }
    }

    /// A heartbeat with the present state. The counts stay until [`KioskHealth::delivered`].
    #[must_use]
    pub fn heartbeat(&self, at: Timestamp, outbox: usize) -> Heartbeat {
        let parts = self.states();
        let now = self.lock().clone();
        Heartbeat {
            at,
            software: env!("CARGO_PKG_VERSION").to_owned(),
            catalogue: now.catalogue,
            forms: now.forms,
            outbox: u32::try_from(outbox).unwrap_or(u32::MAX),
            parts,
            events: now
                .events
                .into_iter()
                .map(|(kind, count)| Count { kind, count })
                .collect(),
        }
    }

    /// Subtracts the counts that the cloud has received.
    pub fn delivered(&self, heartbeat: &Heartbeat) {
        let mut now = self.lock();
        for Count { kind, count } in &heartbeat.events {
            if let Some(left) = now.events.get_mut(kind) {
                *left = left.saturating_sub(*count);
            }
        }
        now.events.retain(|_, count| *count > 0);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_stay_until_they_are_delivered_and_none_is_lost_in_between() {
        let health = KioskHealth::default();
        health.count(EventKind::VisitBegun);
        health.count(EventKind::VisitBegun);
        let heartbeat = health.heartbeat(Timestamp::UNIX_EPOCH, 3);
        assert_eq!(
            heartbeat.events,
            [Count {
                kind: EventKind::VisitBegun,
                count: 2
            }]
        );
        health.count(EventKind::VisitBegun);
        health.delivered(&heartbeat);
        let next = health.heartbeat(Timestamp::UNIX_EPOCH, 0);
        assert_eq!(
            next.events,
            [Count {
                kind: EventKind::VisitBegun,
                count: 1
            }]
        );
    }

    #[test]
    fn a_part_tells_whether_it_changed() {
        let health = KioskHealth::default();
        assert!(health.part(Part::Outbox, PartState::Ready));
        assert!(!health.part(Part::Outbox, PartState::Ready));
        health.printed_form(Err(PrintProblem::PaperOut));
        assert_eq!(health.state(Part::FormPrinter), Some(PartState::Stopped));
    }
}
