//! Faults on demand, for tests and for rehearsing the day on which the core system is down.

use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};

/// What goes wrong.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultMode {
    /// Nothing.
    #[default]
    None,
    /// The connection is closed without an answer.
    Down,
    /// The right answer, late.
    Slow,
    /// 200 with something else than the interface's JSON.
    Garbage,
}

/// The fault in force; body of `POST /demo/faults`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// What goes wrong.
    pub mode: FaultMode,
    /// How late `slow` answers, milliseconds.
    #[serde(default = "ten_seconds")]
    pub delay_ms: u64,
}

fn ten_seconds() -> u64 {
    10_000
}

/// Shared between requests.
#[derive(Default)]
pub(super) struct Switch(Mutex<Fault>);

impl Switch {
    pub(super) fn set(&self, fault: Fault) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = fault;
    }

    pub(super) fn get(&self) -> Fault {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
