//! Presence sensor, light ring and tamper switch on a machine's pins.

pub mod pins;
#[cfg(feature = "rppal")]
pub mod rppal;
#[cfg(feature = "simulated")]
pub mod simulated;

use std::time::Duration;

use thiserror::Error;

/// The small signals around the screen.
pub trait Indicator: Send {
    /// Chooses what the ring shows from now on.
    ///
    /// # Errors
    /// When the pins fail.
    fn light(&mut self, light: Light) -> Result<(), IndicatorError>;

    /// Moves the ring's animation on; `since_start` is any steadily growing time. Call about 20 times a second.
    ///
    /// # Errors
    /// When the pins fail.
    fn animate(&mut self, since_start: Duration) -> Result<(), IndicatorError>;

    /// What the sensors say now.
    ///
    /// # Errors
    /// When the pins fail.
    fn sense(&mut self) -> Result<Senses, IndicatorError>;
}

/// A machine without pins: no ring, no sensors; nobody is ever noticed and no housing is ever open.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoIndicator;

impl Indicator for NoIndicator {
    fn light(&mut self, _: Light) -> Result<(), IndicatorError> {
        Ok(())
    }

    fn animate(&mut self, _: Duration) -> Result<(), IndicatorError> {
        Ok(())
    }

    fn sense(&mut self) -> Result<Senses, IndicatorError> {
        Ok(Senses::default())
    }
}

/// What the ring tells people in the lobby.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Light {
    /// Dark.
    #[default]
    Off,
    /// Free: breathes slowly.
    Free,
    /// In use: steady.
    InUse,
    /// Please act (card, paper): pulses.
    Attention,
    /// Staff is needed: the alert colour blinks.
    Staff,
}

/// Readings of the sensors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Senses {
    /// Somebody stands before the kiosk.
    pub present: bool,
    /// The housing is open.
    pub tampered: bool,
}

/// Why pins could not be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum IndicatorError {
    /// This machine has no such pins.
    #[error("no GPIO on this machine: {0}")]
    NoPins(String),
    /// A pin failed.
    #[error("GPIO {pin}: {reason}")]
    Pin {
        /// Which part.
        pin: &'static str,
        /// What the driver says.
        reason: String,
    },
}
