//! A 128 × 64 OLED with an SSD1306 on any I2C bus that implements embedded-hal 1.0.

use embedded_hal::i2c::I2c;
use ssd1306::mode::{BufferedGraphicsMode, DisplayConfig as _};
use ssd1306::prelude::I2CInterface;
use ssd1306::rotation::DisplayRotation;
use ssd1306::size::DisplaySize128x64;
use ssd1306::{I2CDisplayInterface, Ssd1306};

use super::{Status, StatusDisplay, StatusDisplayError, draw};

type Panel<Bus> =
    Ssd1306<I2CInterface<Bus>, DisplaySize128x64, BufferedGraphicsMode<DisplaySize128x64>>;

pub struct OledDisplay<Bus> {
    panel: Panel<Bus>,
    shown: Option<Status>,
}

impl<Bus: I2c> OledDisplay<Bus> {
    /// Wakes the display at its usual address 3C.
    ///
    /// # Errors
    /// When nothing answers there.
    pub fn new(bus: Bus) -> Result<Self, StatusDisplayError> {
        let interface = I2CDisplayInterface::new(bus);
        let mut panel = Ssd1306::new(interface, DisplaySize128x64, DisplayRotation::Rotate0)
            .into_buffered_graphics_mode();
        panel
            .init()
            .map_err(|error| StatusDisplayError::Bus(format!("{error:?}")))?;
        Ok(Self { panel, shown: None })
    }
}

impl<Bus: I2c + Send> StatusDisplay for OledDisplay<Bus> {
    fn show(&mut self, status: &Status) -> Result<(), StatusDisplayError> {
        if self.shown.as_ref() == Some(status) {
            return Ok(());
        }
        self.shown = None;
        let bus = |error| StatusDisplayError::Bus(format!("{error:?}"));
        draw(status, &mut self.panel).map_err(bus)?;
        self.panel.flush().map_err(bus)?;
        self.shown = Some(status.clone());
        Ok(())
    }
}

/// The OLED on a Raspberry Pi's I2C bus 1.
///
/// # Errors
/// [`StatusDisplayError::NoBus`] off a Raspberry Pi.
#[cfg(feature = "rppal")]
pub fn open() -> Result<OledDisplay<rppal::i2c::I2c>, StatusDisplayError> {
    let bus =
        rppal::i2c::I2c::new().map_err(|error| StatusDisplayError::NoBus(error.to_string()))?;
    OledDisplay::new(bus)
}

#[cfg(test)]
mod tests {
    use super::OledDisplay;
    use crate::status_display::{Status, StatusDisplay as _, Supply};
    use embedded_hal::i2c::{ErrorKind, ErrorType, I2c, NoAcknowledgeSource, Operation};
    use std::sync::{Arc, Mutex};

    #[derive(Clone, Default)]
    struct Bus {
        sent: Arc<Mutex<usize>>,
        dead: bool,
    }
    impl ErrorType for Bus {
        type Error = ErrorKind;
    }
    impl I2c for Bus {
        fn transaction(
            &mut self,
            address: u8,
            operations: &mut [Operation<'_>],
        ) -> Result<(), ErrorKind> {
            assert_eq!(address, 0x3C);
            if self.dead {
                return Err(ErrorKind::NoAcknowledge(NoAcknowledgeSource::Address));
            }
            for operation in operations {
                if let Operation::Write(bytes) = operation {
                    *self.sent.lock().unwrap() += bytes.len();
                }
            }
            Ok(())
        }
    }

    fn status(queue: usize) -> Status {
        Status {
            kiosk: "GENKAN-01".to_owned(),
            address: "10.0.0.2".to_owned(),
            cloud: true,
            queue,
            receipt_paper: Supply::Enough,
            form_paper: Supply::Unknown,
        }
    }

    #[test]
    fn a_frame_is_sent_once_and_only_when_something_changed() {
        let bus = Bus::default();
        let mut display = OledDisplay::new(bus.clone()).unwrap();
        display.show(&status(0)).unwrap();
        let first = *bus.sent.lock().unwrap();
        assert!(first > 1024, "a whole frame");
        display.show(&status(0)).unwrap();
        assert_eq!(*bus.sent.lock().unwrap(), first);
        display.show(&status(1)).unwrap();
        assert!(*bus.sent.lock().unwrap() > first);
    }

    #[test]
    fn a_missing_display_is_an_error() {
        assert!(
            OledDisplay::new(Bus {
                dead: true,
                ..Bus::default()
            })
            .is_err()
        );
    }
}
