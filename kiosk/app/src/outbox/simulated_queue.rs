//! The queue in memory, with faults that can be switched on: for tests, training and the mock-up environment.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use uuid::Uuid;

use super::{MOST_BYTES, Queue, QueueError, Record};

/// A fault to show at the next calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The disk is full: writes fail, and the queue then stays stopped as the real one does.
    DiskFull,
    /// The oldest record's check sum is wrong, once.
    BrokenHead,
}

/// A queue that forgets at the end of the process.
#[derive(Default)]
pub struct SimulatedQueue {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    records: BTreeMap<u64, Record>,
    last: u64,
    fault: Option<Fault>,
    stopped: bool,
    aside: Vec<Record>,
}

impl SimulatedQueue {
    /// An empty queue.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Switches a fault on.
    pub fn inject(&self, fault: Fault) {
        self.lock().fault = Some(fault);
    }

    /// What opening again does: the stop is over, the records are still there.
    pub fn reopen(&self) {
        let mut state = self.lock();
        state.stopped = false;
        state.fault = None;
    }

    /// How many records were put aside.
    #[must_use]
    pub fn put_aside(&self) -> usize {
        self.lock().aside.len()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn write(&mut self) -> Result<(), QueueError> {
        if self.stopped {
            return Err(QueueError::Stopped);
        }
        if self.fault == Some(Fault::DiskFull) {
            self.stopped = true;
            return Err(QueueError::Disk("no space left on device".into()));
        }
        Ok(())
    }
}

impl Queue for SimulatedQueue {
    fn enqueue(&self, id: Uuid, sealed: &[u8]) -> Result<u64, QueueError> {
        if sealed.len() > MOST_BYTES {
            return Err(QueueError::TooLarge(sealed.len()));
        }
        let mut state = self.lock();
        state.write()?;
        if let Some(record) = state.records.values().find(|record| record.id == id) {
            return Ok(record.sequence);
        }
        state.last += 1;
        let sequence = state.last;
        state.records.insert(
            sequence,
            Record {
                sequence,
                id,
                sealed: sealed.to_vec(),
            },
        );
        Ok(sequence)
    }

    fn peek(&self) -> Result<Option<Record>, QueueError> {
        let mut state = self.lock();
        if state.fault == Some(Fault::BrokenHead)
            && let Some((sequence, record)) = state.records.pop_first()
        {
            state.fault = None;
            state.aside.push(record);
            return Err(QueueError::Broken {
                sequence,
                reason: "wrong check sum",
            });
        }
        Ok(state.records.values().next().cloned())
    }

    fn acknowledge(&self, sequence: u64) -> Result<(), QueueError> {
        let mut state = self.lock();
        state.write()?;
        state.records.remove(&sequence);
        Ok(())
    }

    fn put_aside(&self, sequence: u64) -> Result<(), QueueError> {
        let mut state = self.lock();
        state.write()?;
        if let Some(record) = state.records.remove(&sequence) {
            state.aside.push(record);
        }
        Ok(())
    }

    fn len(&self) -> usize {
        self.lock().records.len()
    }
}
