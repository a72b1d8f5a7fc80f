//! Settings → devices. Whether a device is real or simulated is decided here and nowhere else.

use std::fs;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use devices::card::CardReader;
use devices::card::pcsc::PcscReader;
use devices::card::simulated::{Card, CardBox, CardProfile, SimulatedReader, Slot};
use devices::control;
use devices::form_printer::ipp::IppPrinter;
use devices::form_printer::simulated::SimulatedFormPrinter;
use devices::form_printer::{
    DocumentFormat, FormPrinter, FormPrinterError, FormPrinterStatus, JobId, JobState,
};
use devices::indicator::Indicator;
use devices::indicator::simulated::SimulatedIndicator;
use devices::receipt_printer::escpos::EscPosPrinter;
use devices::receipt_printer::simulated::{SimulatedReceiptPrinter, VirtualPrinter};
use devices::receipt_printer::{Address, ReceiptPrinter};
use devices::status_display::StatusDisplay;
use devices::status_display::simulated::SimulatedDisplay;
use kiosk::hardware::{Factory, Hardware};
use kiosk::settings::{self, Settings};

use super::outcome::Failure;

/// Longest wait for one answer of a printer.
const PRINTER_DEADLINE: Duration = Duration::from_secs(5);

pub(super) fn hardware(settings: &Settings) -> Result<Hardware, Failure> {
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
        settings::Card::Simulated(simulated) => {
            let slot = simulated_slot(simulated)?;
            Ok(Arc::new(move || {
                Box::new(SimulatedReader::new(slot.clone(), Duration::from_secs(5)))
            }))
        }
    }
}

fn simulated_slot(simulated: &settings::SimulatedCard) -> Result<Slot, Failure> {
    let slot = Slot::new();
    if let Some(profile) = &simulated.profile {
        let unusable =
            |error: &dyn std::fmt::Display| Failure::input(format!("{profile}: {error}"));
        let text = fs::read_to_string(profile).map_err(|error| unusable(&error))?;
        let card = CardProfile::from_json(&text).map_err(|error| unusable(&error))?;
        slot.insert(Card::new(&card).map_err(|error| unusable(&error))?);
    }
    if let Some(socket) = &simulated.control {
        let folder = simulated
            .profile
            .as_ref()
            .and_then(|profile| profile.parent().map(PathBuf::from));
        let card_box = CardBox::new(&folder.unwrap_or_default(), slot.clone());
        control::serve(socket, card_box)
            .map_err(|error| Failure::input(format!("{socket}: {error}")))?;
    }
    Ok(slot)
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
        settings::ReceiptPrinter::Simulated(simulated) => {
            let machine = VirtualPrinter::new(folder_for(simulated.keep.as_ref())?.as_deref());
            return Ok(Arc::new(move || {
                Box::new(SimulatedReceiptPrinter::new(machine.clone()))
            }));
        }
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
        settings::FormPrinter::Simulated(simulated) => {
            let machine = SimulatedFormPrinter::new(&[DocumentFormat::Pdf]);
            let folder = folder_for(simulated.keep.as_ref())?;
            Ok(Arc::new(move || {
                Box::new(KeepingPrinter {
                    machine: machine.clone(),
                    folder: folder.clone(),
                    written: 0,
                })
            }))
        }
    }
}

pub(super) fn indicator(indicator: &settings::Indicator) -> Result<Box<dyn Indicator>, Failure> {
    match indicator {
        settings::Indicator::Simulated(_) => Ok(Box::new(SimulatedIndicator::new())),
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
        settings::StatusDisplay::Simulated(simulated) => Ok(Box::new(SimulatedDisplay::new(
            simulated.keep.as_ref().map(AsRef::as_ref),
        ))),
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

fn folder_for(folder: Option<&settings::FilePath>) -> Result<Option<PathBuf>, Failure> {
    let Some(folder) = folder else {
        return Ok(None);
    };
    fs::create_dir_all(folder).map_err(|error| Failure::input(format!("{folder}: {error}")))?;
    Ok(Some(folder.to_path_buf()))
}

/// The simulated A4 printer; writes each printed document to a folder.
struct KeepingPrinter {
    machine: SimulatedFormPrinter,
    folder: Option<PathBuf>,
    written: usize,
}

impl KeepingPrinter {
    fn keep(&mut self) {
        let Some(folder) = &self.folder else { return };
        for (name, document) in self.machine.printed().iter().skip(self.written) {
            self.written += 1;
            let file = folder.join(format!("form-{:04}-{name}.pdf", self.written));
            if let Err(error) = fs::write(&file, document) {
                tracing::error!(kind = "printed-not-kept", file = %file.display(), %error);
            }
        }
    }
}

impl FormPrinter for KeepingPrinter {
    fn status(&mut self) -> Result<FormPrinterStatus, FormPrinterError> {
        self.keep();
        self.machine.status()
    }

    fn print_document(
        &mut self,
        document: &[u8],
        format: DocumentFormat,
        job_name: &str,
    ) -> Result<JobId, FormPrinterError> {
        self.machine.print_document(document, format, job_name)
    }

    fn job_state(&mut self, job: JobId) -> Result<JobState, FormPrinterError> {
        let state = self.machine.job_state(job);
        self.keep();
        state
    }

    fn cancel(&mut self, job: JobId) -> Result<(), FormPrinterError> {
        self.machine.cancel(job)
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
