//! What every card reader offers, real or simulated.

use std::time::Duration;

use super::{CardError, ReaderMemory};

/// An open, exclusive connection to one card. Dropping it powers the card off, so that a verified PIN never outlives the visit.
pub trait CardChannel: Send {
    /// Sends one command APDU and returns the answer, data and the two status bytes.
    ///
    /// # Errors
    /// [`CardError::Timeout`] when the deadline passes, [`CardError::Removed`] when the card goes away. An answer shorter
    /// than two bytes is an error too, never a panic.
    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, CardError>;

    /// Takes power from the card and forgets it; every later call fails. Calling it twice is harmless.
    fn power_off(&mut self);

    /// Which insertion this connection belongs to, see [`Presence::Card`].
    fn insertion(&self) -> u64;
}

/// A slot or antenna for cards.
pub trait CardReader: Send {
    /// The reader's name for staff; empty while none is connected.
    fn name(&self) -> String;

    /// What is on the reader now.
    ///
    /// # Errors
    /// When the reader service itself is unreachable.
    fn presence(&mut self) -> Result<Presence, CardError>;

    /// Blocks until the presence differs from `seen` or `timeout` has passed, and returns the presence then.
    ///
    /// # Errors
    /// When the reader service itself is unreachable.
    fn wait_for_change(&mut self, seen: Presence, timeout: Duration)
    -> Result<Presence, CardError>;

    /// Opens the card exclusively.
    ///
    /// # Errors
    /// [`CardError::NoCard`], [`CardError::Busy`] when another program holds it, [`CardError::Timeout`] when it does not wake up.
    fn connect(&mut self) -> Result<Box<dyn CardChannel>, CardError>;

    /// What earlier cards showed of this reader (extended length). Clones share one memory.
    fn memory(&self) -> ReaderMemory;
}

/// What a reader sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Presence {
    /// No reader is connected.
    NoReader,
    /// A reader without a card.
    Empty,
    /// A card. `insertion` differs between two insertions, so that data of two cards can never be mixed.
    Card {
        /// Changes with every insertion on this reader.
        insertion: u64,
    },
    /// Something is there, but it does not answer (upside down, not a chip card, a pulled card).
    Mute,
}
