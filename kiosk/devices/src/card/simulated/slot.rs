//! The place where a simulated card lies: a hand puts it there and takes it away, a reader works with it.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::engine::Card;
use super::fault::{Fault, FaultPlan};

/// A shared slot. Clones are the same slot.
#[derive(Clone, Default)]
pub struct Slot(Arc<Shared>);

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    card: Option<Card>,
    insertions: u64,
    connected: bool,
    plan: Option<FaultPlan>,
}

/// What the slot's card did with a command.
pub(super) enum Exchange {
    Answer(Vec<u8>),
    /// These bytes, and then the card was gone.
    Cut(Vec<u8>),
    /// The card was gone.
    Gone,
    /// Nothing within the time allowed.
    Silence,
}

impl Slot {
    /// An empty slot.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Puts a card in; what lay there before is returned.
    pub fn insert(&self, card: Card) -> Option<Card> {
        let mut state = self.lock();
        let before = take(&mut state);
        state.card = Some(card);
        state.insertions += 1;
        self.0.changed.notify_all();
        before
    }

    /// Takes the card out, in whatever state it is; its counters stay with it.
    pub fn remove(&self) -> Option<Card> {
        let card = take(&mut self.lock());
        self.0.changed.notify_all();
        card
    }

    /// Plans a fault for the next commands; `None` heals. Removing the card heals too.
    pub fn set_fault(&self, plan: Option<FaultPlan>) {
        self.lock().plan = plan;
        self.0.changed.notify_all();
    }

    /// Number of the insertion that lies here now.
    #[must_use]
    pub fn insertion(&self) -> Option<u64> {
        let state = self.lock();
        state.card.as_ref().map(|_| state.insertions)
    }

    /// Tries left of the card that lies here, text and user authentication.
    #[must_use]
    pub fn tries_left(&self) -> Option<(u8, u8)> {
        self.lock().card.as_ref().map(Card::tries_left)
    }

    /// Waits until the insertion is another than `seen` or the time is over, and returns it.
    pub(super) fn wait_for_change(&self, seen: Option<u64>, timeout: Duration) -> Option<u64> {
        let same = |state: &mut State| state.card.as_ref().map(|_| state.insertions) == seen;
        let waited = self
            .0
            .changed
            .wait_timeout_while(self.lock(), timeout, same);
        let (state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        state.card.as_ref().map(|_| state.insertions)
    }

    /// Takes exclusive hold. `Err(true)`: in use elsewhere; `Err(false)`: no card.
    pub(super) fn hold(&self) -> Result<u64, bool> {
        let mut state = self.lock();
        match (&state.card, state.connected) {
            (None, _) => Err(false),
            (Some(_), true) => Err(true),
            (Some(_), false) => {
                state.connected = true;
                Ok(state.insertions)
            }
        }
    }

    /// Lets go and takes the power away.
    pub(super) fn release(&self, insertion: u64) {
        let mut state = self.lock();
        if state.insertions == insertion {
            state.connected = false;
            if let Some(card) = &mut state.card {
                card.power_off();
            }
        }
    }

    /// Resets or unpowers the card without letting go.
    pub(super) fn reset(&self) {
        if let Some(card) = &mut self.lock().card {
            card.power_off();
        }
    }

    /// One command to the card of this insertion.
    pub(super) fn exchange(&self, insertion: u64, command: &[u8], allowed: Duration) -> Exchange {
        let started = Instant::now();
        let mut state = self.lock();
        let Some(fault) = state.due_fault(insertion) else {
            return state.answer(insertion, command);
        };
        match fault {
            Fault::Mute => {
                let (gone, state) = self.wait_while_here(state, insertion, allowed);
                drop(state);
                if gone {
                    Exchange::Gone
                } else {
                    Exchange::Silence
                }
            }
            Fault::Slow(delay) => {
                let (gone, mut state) = self.wait_while_here(state, insertion, delay.min(allowed));
                match gone {
                    true => Exchange::Gone,
                    false if started.elapsed() >= allowed => Exchange::Silence,
                    false => state.answer(insertion, command),
                }
            }
            Fault::Garbage => {
                state.plan = None;
                Exchange::Answer(command.iter().rev().map(|byte| byte ^ 0x5A).collect())
            }
            Fault::Status(word) => {
                state.plan = None;
                Exchange::Answer(word.to_be_bytes().to_vec())
            }
            Fault::Pulled => {
                self.lose(&mut state);
                Exchange::Gone
            }
            Fault::Truncated => {
                let answer = state.answer(insertion, command);
                self.lose(&mut state);
                match answer {
                    Exchange::Answer(bytes) => Exchange::Cut(bytes[..bytes.len() / 2].to_vec()),
                    other => other,
                }
            }
        }
    }

    fn wait_while_here<'a>(
        &self,
        state: MutexGuard<'a, State>,
        insertion: u64,
        time: Duration,
    ) -> (bool, MutexGuard<'a, State>) {
        let here = |state: &mut State| state.card.is_some() && state.insertions == insertion;
        let waited = self.0.changed.wait_timeout_while(state, time, here);
        let (mut state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        (!here(&mut state), state)
    }

    fn lose(&self, state: &mut State) {
        take(state);
        self.0.changed.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // A poisoned slot is still a slot: the engine keeps no half-done state between commands.
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn take(state: &mut State) -> Option<Card> {
    state.connected = false;
    state.plan = None;
    let mut card = state.card.take()?;
    card.power_off();
    Some(card)
}

impl State {
    fn due_fault(&mut self, insertion: u64) -> Option<Fault> {
        if self.card.is_none() || self.insertions != insertion {
            return None;
        }
        let plan = self.plan.as_mut()?;
        if plan.after > 0 {
            plan.after -= 1;
            return None;
        }
        Some(plan.fault)
    }

    fn answer(&mut self, insertion: u64, command: &[u8]) -> Exchange {
        match &mut self.card {
            Some(card) if self.insertions == insertion => Exchange::Answer(card.transmit(command)),
            _ => Exchange::Gone,
        }
    }
}
