//! Settings → simulated parts, which the image's program is built without.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use devices::card::CardReader;
use devices::card::simulated::{Card, CardBox, CardProfile, SimulatedReader, Slot};
use devices::control;
use devices::form_printer::simulated::SimulatedFormPrinter;
use devices::form_printer::{
    DocumentFormat, FormPrinter, FormPrinterError, FormPrinterStatus, JobId, JobState,
};
use devices::indicator::Indicator;
use devices::indicator::simulated::SimulatedIndicator;
use devices::receipt_printer::ReceiptPrinter;
use devices::receipt_printer::simulated::{SimulatedReceiptPrinter, VirtualPrinter};
use devices::status_display::StatusDisplay;
use devices::status_display::simulated::SimulatedDisplay;
use kiosk::hardware::Factory;
use kiosk::settings;

use super::outcome::Failure;

pub(super) fn card(part: &settings::SimulatedCard) -> Result<Factory<dyn CardReader>, Failure> {
    let slot = simulated_slot(part)?;
    Ok(Arc::new(move || {
        Box::new(SimulatedReader::new(slot.clone(), Duration::from_secs(5)))
    }))
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
    part: &settings::SimulatedPrinter,
) -> Result<Factory<dyn ReceiptPrinter>, Failure> {
    let machine = VirtualPrinter::new(folder_for(part.keep.as_ref())?.as_deref());
    Ok(Arc::new(move || {
        Box::new(SimulatedReceiptPrinter::new(machine.clone()))
    }))
}

pub(super) fn form_printer(
    part: &settings::SimulatedPrinter,
) -> Result<Factory<dyn FormPrinter>, Failure> {
    let machine = SimulatedFormPrinter::new(&[DocumentFormat::Pdf]);
    let folder = folder_for(part.keep.as_ref())?;
    Ok(Arc::new(move || {
        Box::new(KeepingPrinter {
            machine: machine.clone(),
            folder: folder.clone(),
            written: 0,
        })
    }))
}

pub(super) fn indicator() -> Result<Box<dyn Indicator>, Failure> {
    Ok(Box::new(SimulatedIndicator::new()))
}

pub(super) fn status_display(
    part: &settings::SimulatedDisplay,
) -> Result<Box<dyn StatusDisplay>, Failure> {
    let keep = part.keep.as_ref().map(AsRef::as_ref);
    Ok(Box::new(SimulatedDisplay::new(keep)))
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
