//! The indicator on a Raspberry Pi's header. On any other machine opening it is an error that says so.

use embedded_hal::pwm::{ErrorKind, ErrorType, SetDutyCycle};
use rppal::gpio::{Gpio, InputPin};
use rppal::pwm::{Channel, Polarity, Pwm};

use super::pins::PinIndicator;
use super::{Indicator, IndicatorError};

/// Dimming frequency in hertz: far above what eyes or cameras notice.
const FREQUENCY: f64 = 1000.0;

/// Which header pins are wired, by their BCM numbers. The ring's two colours are on the hardware dimmers PWM0 and PWM1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IndicatorPins {
    /// Presence sensor, high when somebody stands there.
    pub presence: u8,
    /// Tamper switch to ground, closed while the case is shut.
    pub tamper: u8,
}

/// Opens the pins.
///
/// # Errors
/// [`IndicatorError::NoPins`] off a Raspberry Pi or without permission.
pub fn open(pins: IndicatorPins) -> Result<Box<dyn Indicator>, IndicatorError> {
    let gpio = Gpio::new().map_err(|error| IndicatorError::NoPins(error.to_string()))?;
    let input = |pin: u8, pull_up: bool| -> Result<InputPin, IndicatorError> {
        let pin = gpio
            .get(pin)
            .map_err(|error| IndicatorError::NoPins(error.to_string()))?;
        Ok(if pull_up {
            pin.into_input_pullup()
        } else {
            pin.into_input_pulldown()
        })
    };
    let dimmer = |channel| {
        Pwm::with_frequency(channel, FREQUENCY, 0.0, Polarity::Normal, true)
            .map(Dimmer)
            .map_err(|error| IndicatorError::NoPins(error.to_string()))
    };
    Ok(Box::new(PinIndicator::new(
        dimmer(Channel::Pwm0)?,
        dimmer(Channel::Pwm1)?,
        input(pins.presence, false)?,
        input(pins.tamper, true)?,
    )))
}

/// rppal gives its hardware dimmers the trait of embedded-hal 0.2 only.
struct Dimmer(Pwm);

impl ErrorType for Dimmer {
    type Error = ErrorKind;
}

impl SetDutyCycle for Dimmer {
    fn max_duty_cycle(&self) -> u16 {
        1000
    }

    fn set_duty_cycle(&mut self, duty: u16) -> Result<(), ErrorKind> {
        self.0
            .set_duty_cycle(f64::from(duty) / 1000.0)
            .map_err(|_| ErrorKind::Other)
    }
}

#[cfg(test)]
mod tests {
    use super::{IndicatorPins, open};
    use crate::indicator::IndicatorError;

    #[test]
    fn a_machine_without_pins_is_an_error() {
        // On a Pi the pins may open; nothing is asserted about wiring there.
        if let Err(error) = open(IndicatorPins {
            presence: 17,
            tamper: 27,
        }) {
            assert!(matches!(error, IndicatorError::NoPins(ref reason) if !reason.is_empty()));
        }
    }
}
