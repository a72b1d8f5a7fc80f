//! A card reader without hardware, for tests and the demo in one process.

use std::time::Duration;

use super::slot::{Exchange, Slot};
use crate::card::{CardChannel, CardError, CardReader, Presence, ReaderMemory};

/// Reads whatever card lies in its [`Slot`].
pub struct SimulatedReader {
    slot: Slot,
    memory: ReaderMemory,
    deadline: Duration,
}

impl SimulatedReader {
    /// A reader over a slot; `deadline` bounds one command.
    #[must_use]
    pub fn new(slot: Slot, deadline: Duration) -> Self {
        Self {
            slot,
            memory: ReaderMemory::default(),
            deadline,
        }
    }
}

impl CardReader for SimulatedReader {
    fn name(&self) -> String {
        "Simulated reader".to_owned()
    }

    fn presence(&mut self) -> Result<Presence, CardError> {
        Ok(as_presence(self.slot.insertion()))
    }

    fn wait_for_change(
        &mut self,
        seen: Presence,
        timeout: Duration,
    ) -> Result<Presence, CardError> {
        let seen = match seen {
            Presence::Card { insertion } => Some(insertion),
            _ => None,
        };
        Ok(as_presence(self.slot.wait_for_change(seen, timeout)))
    }

    fn connect(&mut self) -> Result<Box<dyn CardChannel>, CardError> {
        match self.slot.hold() {
            Ok(insertion) => Ok(Box::new(SimulatedChannel {
                slot: self.slot.clone(),
                insertion,
                deadline: self.deadline,
                open: true,
            })),
            Err(true) => Err(CardError::Busy),
            Err(false) => Err(CardError::NoCard),
        }
    }

    fn memory(&self) -> ReaderMemory {
        self.memory.clone()
    }
}

fn as_presence(insertion: Option<u64>) -> Presence {
    insertion.map_or(Presence::Empty, |insertion| Presence::Card { insertion })
}

struct SimulatedChannel {
    slot: Slot,
    insertion: u64,
    deadline: Duration,
    open: bool,
}

impl CardChannel for SimulatedChannel {
    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, CardError> {
        if !self.open {
            return Err(CardError::Removed);
        }
        match self.slot.exchange(self.insertion, command, self.deadline) {
            Exchange::Answer(bytes) => Ok(bytes),
            // A pulled card looks like this through PC/SC: fewer bytes, and nothing from then on.
            Exchange::Cut(bytes) => {
                self.open = false;
                Ok(bytes)
            }
            Exchange::Gone => {
                self.open = false;
                Err(CardError::Removed)
            }
            Exchange::Silence => {
                // Like the real line: abandoned, and the slot stays connected until the card is taken away.
                self.open = false;
                Err(CardError::Timeout)
            }
        }
    }

    fn power_off(&mut self) {
        if std::mem::replace(&mut self.open, false) {
            self.slot.release(self.insertion);
        }
    }

    fn insertion(&self) -> u64 {
        self.insertion
    }
}

impl Drop for SimulatedChannel {
    fn drop(&mut self) {
        self.power_off();
    }
}
