//! An indicator without pins: what it shows can be read, what it senses can be set.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::pins::brightness;
use super::{Indicator, IndicatorError, Light, Senses};

/// Clones are the same indicator: one for the kiosk, one for whoever watches it.
#[derive(Clone, Default)]
pub struct SimulatedIndicator(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    light: Light,
    brightness: (u8, u8),
    senses: Senses,
}

impl SimulatedIndicator {
    /// Dark, nobody there, case shut.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets what the sensors say.
    pub fn set_senses(&self, senses: Senses) {
        self.lock().senses = senses;
    }

    /// What the ring shows, and the brightness of its two colours in percent.
    #[must_use]
    pub fn shown(&self) -> (Light, (u8, u8)) {
        let state = self.lock();
        (state.light, state.brightness)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Indicator for SimulatedIndicator {
    fn light(&mut self, light: Light) -> Result<(), IndicatorError> {
        self.lock().light = light;
        self.animate(Duration::ZERO)
    }

    fn animate(&mut self, since_start: Duration) -> Result<(), IndicatorError> {
        let mut state = self.lock();
        state.brightness = brightness(state.light, since_start);
        Ok(())
    }

    fn sense(&mut self) -> Result<Senses, IndicatorError> {
        Ok(self.lock().senses)
    }
}
