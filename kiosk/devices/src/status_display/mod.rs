//! A small OLED inside the case for staff: network, queue, paper. Half-width katakana, since its font has no kanji.

mod drawing;
pub mod simulated;
pub mod ssd1306;

use thiserror::Error;

pub use drawing::{HEIGHT, WIDTH, draw};

/// A display of 128 × 64 dots.
pub trait StatusDisplay: Send {
    /// Replaces what is shown.
    ///
    /// # Errors
    /// When the bus fails.
    fn show(&mut self, status: &Status) -> Result<(), StatusDisplayError>;
}

/// What staff sees at a glance. Nothing of it concerns a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// The kiosk's number or name, ASCII or half-width katakana.
    pub kiosk: String,
    /// The machine's address, or empty without one.
    pub address: String,
    /// Whether the cloud answers.
    pub cloud: bool,
    /// Applications that wait to be sent.
    pub queue: usize,
    /// Receipt paper.
    pub receipt_paper: Supply,
    /// Form paper.
    pub form_paper: Supply,
}

/// How much is left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Supply {
    /// Enough.
    Enough,
    /// Soon empty.
    Low,
    /// Empty or out of order.
    Out,
    /// Nobody answers.
    Unknown,
}

/// Why nothing is shown.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum StatusDisplayError {
    /// This machine has no such bus.
    #[error("no I2C bus: {0}")]
    NoBus(String),
    /// The bus or display failed.
    #[error("status display: {0}")]
    Bus(String),
}
