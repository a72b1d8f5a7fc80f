//! Settings → devices. Whether a device is real or simulated is decided here and nowhere else.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use devices::card::CardReader;
use devices::card::pcsc::PcscReader;
use devices::form_printer::ipp::IppPrinter;
use devices::form_printer::{
    DocumentFormat, FormPrinter, FormPrinterError, FormPrinterStatus, JobId, JobState,
};
use devices::indicator::{Indicator, NoIndicator};
use devices::receipt_printer::escpos::EscPosPrinter;
use devices::receipt_printer::{Address, ReceiptPrinter};
use devices::status_display::{NoStatusDisplay, StatusDisplay};
use kiosk::hardware::{Factory, Hardware};
use kiosk::settings::{self, Settings};

use super::outcome::Failure;
use super::simulated;

/// Longest wait for one answer of a printer.
const PRINTER_DEADLINE: Duration = Duration::from_secs(5);

pub(super) fn hardware(settings: &Settings) -> Result<Hardware, Failure> {
    if matches!(settings.indicator, settings::Indicator::Rppal(_))
        && settings.staff.number.is_none()
    {
        return Err(Failure::input(
            "staff.number: needed with indicator.rppal, or nobody could open the kiosk again after its housing was opened",
        ));
    }
    Ok(Hardware {
        card: card(&settings.card)?,
        receipt_printer: receipt_printer(&settings.receipt_printer)?,
        form_printer: form_printer(&settings.form_printer)?,
        indicator: indicator(&settings.indicator)?,
        status_display: status_display(&settings.status_display)?,
    })
}

pub(super) fn card(card: &settings::Card) -> Result<Factory<dyn CardReader>, Failure> {
    match card {
        settings::Card::Pcsc(pcsc) => {
            let name = Some(pcsc.reader.clone()).filter(|name| !name.is_empty());
            let deadline = Duration::from_millis(pcsc.deadline_ms);
            Ok(Arc::new(move || {
                Box::new(PcscReader::new(name.clone(), deadline))
            }))
        }
        settings::Card::Simulated(part) => simulated::card(part),
    }
}

pub(super) fn receipt_printer(
    printer: &settings::ReceiptPrinter,
) -> Result<Factory<dyn ReceiptPrinter>, Failure> {
    let address = match printer {
        settings::ReceiptPrinter::Tcp(tcp) => Address::Tcp(tcp.address.to_string()),
        settings::ReceiptPrinter::Serial(serial) => Address::Device {
            path: serial.path.to_path_buf(),
            baud: serial.baud,
        },
        settings::ReceiptPrinter::Device(device) => Address::Device {
            path: device.path.to_path_buf(),
            baud: 0,
        },
        settings::ReceiptPrinter::Simulated(part) => return simulated::receipt_printer(part),
    };
    Ok(Arc::new(move || {
        Box::new(EscPosPrinter::new(address.clone(), PRINTER_DEADLINE))
    }))
}

pub(super) fn form_printer(
    printer: &settings::FormPrinter,
) -> Result<Factory<dyn FormPrinter>, Failure> {
    match printer {
        settings::FormPrinter::Ipp(ipp) => {
            // The address is checked once, here; later only the connection is made again.
            let unusable = |error| Failure::input(format!("form_printer.ipp.url: {error}"));
            let first = Mutex::new(Some(
                IppPrinter::new(&ipp.url, PRINTER_DEADLINE).map_err(unusable)?,
            ));
            let url = ipp.url.clone();
            Ok(Arc::new(move || {
                match first.lock().unwrap_or_else(PoisonError::into_inner).take() {
                    Some(printer) => Box::new(printer),
                    None => match IppPrinter::new(&url, PRINTER_DEADLINE) {
                        Ok(printer) => Box::new(printer),
                        Err(error) => Box::new(Unreachable(error)),
                    },
                }
            }))
        }
        settings::FormPrinter::Simulated(part) => simulated::form_printer(part),
    }
}

pub(super) fn indicator(indicator: &settings::Indicator) -> Result<Box<dyn Indicator>, Failure> {
    match indicator {
        settings::Indicator::None(_) => Ok(Box::new(NoIndicator)),
        settings::Indicator::Simulated(_) => simulated::indicator(),
        #[cfg(feature = "rppal")]
        settings::Indicator::Rppal(pins) => {
            let pins = devices::indicator::rppal::IndicatorPins {
                presence: pins.presence,
                tamper: pins.tamper,
            };
            devices::indicator::rppal::open(pins).map_err(Failure::work)
        }
        #[cfg(not(feature = "rppal"))]
        settings::Indicator::Rppal(_) => Err(Failure::input(
            "indicator.rppal: this program was built without rppal",
        )),
    }
}

pub(super) fn status_display(
    display: &settings::StatusDisplay,
) -> Result<Box<dyn StatusDisplay>, Failure> {
    match display {
        settings::StatusDisplay::None(_) => Ok(Box::new(NoStatusDisplay)),
        settings::StatusDisplay::Simulated(part) => simulated::status_display(part),
        #[cfg(feature = "rppal")]
        settings::StatusDisplay::Ssd1306(_) => {
            let display = devices::status_display::ssd1306::open().map_err(Failure::work)?;
            Ok(Box::new(display))
        }
        #[cfg(not(feature = "rppal"))]
        settings::StatusDisplay::Ssd1306(_) => Err(Failure::input(
            "status_display.ssd1306: this program was built without rppal",
        )),
    }
}

/// A printer whose client could not be made again.
struct Unreachable(FormPrinterError);

impl FormPrinter for Unreachable {
    fn status(&mut self) -> Result<FormPrinterStatus, FormPrinterError> {
        Err(self.0.clone())
    }

    fn print_document(
        &mut self,
        _: &[u8],
        _: DocumentFormat,
        _: &str,
    ) -> Result<JobId, FormPrinterError> {
        Err(self.0.clone())
    }

    fn job_state(&mut self, _: JobId) -> Result<JobState, FormPrinterError> {
        Err(self.0.clone())
    }

    fn cancel(&mut self, _: JobId) -> Result<(), FormPrinterError> {
        Err(self.0.clone())
    }
}
