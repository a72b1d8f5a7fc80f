//! A small OLED inside the case for staff: network, queue, paper. Half-width katakana, since its font has no kanji.

mod drawing;
#[cfg(feature = "simulated")]
pub mod simulated;
pub mod ssd1306;
mod status;

use thiserror::Error;

pub use drawing::{HEIGHT, WIDTH, draw};
pub use status::{Status, Supply};

/// A display of 128 × 64 dots.
pub trait StatusDisplay: Send {
    /// Replaces what is shown.
    ///
    /// # Errors
    /// When the bus fails.
    fn show(&mut self, status: &Status) -> Result<(), StatusDisplayError>;
}

/// A machine without a display inside.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoStatusDisplay;

impl StatusDisplay for NoStatusDisplay {
    fn show(&mut self, _: &Status) -> Result<(), StatusDisplayError> {
        Ok(())
    }
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
