//! The indicator over any pins that implement embedded-hal 1.0: real ones on a Raspberry Pi, mocks in tests.

use std::fmt::Debug;
use std::time::Duration;

use embedded_hal::digital::InputPin;
use embedded_hal::pwm::SetDutyCycle;

use super::{Indicator, IndicatorError, Light, Senses};

/// Slow breathing of a free kiosk, one breath.
const BREATH: Duration = Duration::from_secs(4);
/// Pulse and blink.
const PULSE: Duration = Duration::from_secs(1);

/// A ring of two colours behind two dimmers, a presence sensor (high = somebody) and a tamper switch (closed to ground =
/// case shut, so that a cut wire reads as open).
pub struct PinIndicator<Calm, Alert, Presence, Tamper> {
    calm: Calm,
    alert: Alert,
    presence: Presence,
    tamper: Tamper,
    light: Light,
}

impl<Calm, Alert, Presence, Tamper> PinIndicator<Calm, Alert, Presence, Tamper>
where
    Calm: SetDutyCycle<Error: Debug>,
    Alert: SetDutyCycle<Error: Debug>,
    Presence: InputPin<Error: Debug>,
    Tamper: InputPin<Error: Debug>,
{
    /// Takes the pins over; the ring is dark until a light is set.
    #[must_use]
    pub fn new(calm: Calm, alert: Alert, presence: Presence, tamper: Tamper) -> Self {
        Self {
            calm,
            alert,
            presence,
            tamper,
            light: Light::Off,
        }
    }
}

impl<Calm, Alert, Presence, Tamper> Indicator for PinIndicator<Calm, Alert, Presence, Tamper>
where
    Calm: SetDutyCycle<Error: Debug> + Send,
    Alert: SetDutyCycle<Error: Debug> + Send,
    Presence: InputPin<Error: Debug> + Send,
    Tamper: InputPin<Error: Debug> + Send,
{
    fn light(&mut self, light: Light) -> Result<(), IndicatorError> {
        self.light = light;
        self.animate(Duration::ZERO)
    }

    fn animate(&mut self, since_start: Duration) -> Result<(), IndicatorError> {
        let (calm, alert) = brightness(self.light, since_start);
        self.calm
            .set_duty_cycle_percent(calm)
            .map_err(|error| failed("ring", &error))?;
        self.alert
            .set_duty_cycle_percent(alert)
            .map_err(|error| failed("alert ring", &error))
    }

    fn sense(&mut self) -> Result<Senses, IndicatorError> {
        Ok(Senses {
            present: self
                .presence
                .is_high()
                .map_err(|error| failed("presence sensor", &error))?,
            tampered: self
                .tamper
                .is_high()
                .map_err(|error| failed("tamper switch", &error))?,
        })
    }
}

fn failed(pin: &'static str, error: &impl Debug) -> IndicatorError {
    IndicatorError::Pin {
        pin,
        reason: format!("{error:?}"),
    }
}

/// Percent of the calm and the alert colour at a moment.
#[must_use]
pub fn brightness(light: Light, since_start: Duration) -> (u8, u8) {
    match light {
        Light::Off => (0, 0),
        Light::Free => (10 + triangle(since_start, BREATH, 40), 0),
        Light::InUse => (60, 0),
        Light::Attention => (20 + triangle(since_start, PULSE, 80), 0),
        // At most two flashes a second, below what can trigger photosensitive seizures (WCAG 2.3.1: three).
        Light::Staff => (
            0,
            if since_start.as_millis() % PULSE.as_millis() < PULSE.as_millis() / 2 {
                100
            } else {
                0
            },
        ),
    }
}

/// Up from 0 to `height` and down again within one period.
fn triangle(at: Duration, period: Duration, height: u8) -> u8 {
    let (position, half) = (at.as_millis() % period.as_millis(), period.as_millis() / 2);
    let risen = if position < half {
        position
    } else {
        period.as_millis() - position
    };
    u8::try_from(risen * u128::from(height) / half).unwrap_or(height)
}

#[cfg(test)]
mod tests {
    use super::{PinIndicator, brightness};
    use crate::indicator::{Indicator as _, Light};
    use embedded_hal::digital::{ErrorType, InputPin};
    use embedded_hal::pwm::{ErrorType as PwmErrorType, SetDutyCycle};
    use std::convert::Infallible;
    use std::sync::atomic::{AtomicU16, Ordering};
    use std::time::Duration;

    struct Level(bool);
    impl ErrorType for Level {
        type Error = Infallible;
    }
    impl InputPin for Level {
        fn is_high(&mut self) -> Result<bool, Infallible> {
            Ok(self.0)
        }
        fn is_low(&mut self) -> Result<bool, Infallible> {
            Ok(!self.0)
        }
    }

    struct Dimmer<'a>(&'a AtomicU16);
    impl PwmErrorType for Dimmer<'_> {
        type Error = Infallible;
    }
    impl SetDutyCycle for Dimmer<'_> {
        fn max_duty_cycle(&self) -> u16 {
            1000
        }
        fn set_duty_cycle(&mut self, duty: u16) -> Result<(), Infallible> {
            self.0.store(duty, Ordering::Relaxed);
            Ok(())
        }
    }

    #[test]
    fn pins_show_the_light_and_give_the_senses() {
        let (calm, alert) = (AtomicU16::new(7), AtomicU16::new(7));
        let mut indicator =
            PinIndicator::new(Dimmer(&calm), Dimmer(&alert), Level(true), Level(false));
        indicator.light(Light::InUse).unwrap();
        assert_eq!(
            (calm.load(Ordering::Relaxed), alert.load(Ordering::Relaxed)),
            (600, 0)
        );
        indicator.light(Light::Staff).unwrap();
        assert_eq!(
            (calm.load(Ordering::Relaxed), alert.load(Ordering::Relaxed)),
            (0, 1000)
        );
        indicator.animate(Duration::from_millis(500)).unwrap();
        assert_eq!(alert.load(Ordering::Relaxed), 0, "blinks");
        let senses = indicator.sense().unwrap();
        assert!(senses.present && !senses.tampered);
    }

    #[test]
    fn breathing_rises_and_falls_without_jumps() {
        let at = |milliseconds| brightness(Light::Free, Duration::from_millis(milliseconds)).0;
        assert_eq!((at(0), at(2000), at(4000)), (10, 50, 10));
        assert!((0..8000).all(|t| at(t).abs_diff(at(t + 50)) <= 2));
    }
}
