//! Form printers without paper, without PDF, without any format of ours, and with a driver that breaks.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use devices::form_printer::simulated::SimulatedFormPrinter;
use devices::form_printer::{
    DocumentFormat, Fault, FormPrinter, FormPrinterError, FormPrinterStatus, JobId, JobState,
};
use session::screen::Body;

use crate::hall::Hall;

#[test]
fn a_printer_without_paper_keeps_the_application_and_goes_on_after_help() {
    let hall = Hall::new();
    hall.forms.set_fault(Some(Fault::PaperOut));
    let mut resident = hall.open();
    resident.until("paper.out.title");
    assert!(hall.forms.printed().is_empty());
    hall.wait_for_delivery();
    hall.forms.set_fault(None);
    assert!(
        hall.forms.printed().is_empty(),
        "the job was withdrawn: nothing comes out for somebody else"
    );
    resident.choose("retry");
    resident.until("done.title");
    assert!(!hall.forms.printed().is_empty());
}

#[test]
fn a_printer_without_pdf_gets_rasters_of_the_same_pages() {
    for (format, begins) in [
        (DocumentFormat::PwgRaster, &b"RaS2PwgRaster"[..]),
        (DocumentFormat::Urf, &b"UNIRAST\0"[..]),
    ] {
        let mut hall = Hall::new();
        hall.forms = SimulatedFormPrinter::new(&[format]);
        hall.open().until("done.title");
        let printed = hall.forms.printed();
        assert!(!printed.is_empty());
        for (_, document) in printed {
            assert!(document.starts_with(begins), "{format:?}");
            assert!(document.len() > 20_000, "{format:?}: there is ink on it");
        }
    }
}

#[test]
fn a_printer_that_takes_no_format_of_ours_leads_to_staff_and_nothing_is_lost() {
    let mut hall = Hall::new();
    hall.forms = SimulatedFormPrinter::new(&[]);
    let mut resident = hall.open();
    resident.until("paper.format.title");
    hall.wait_for_delivery();
    hall.wait_for(|desk| {
        desk.calls
            .iter()
            .any(|call| call.reason == kiosk_api::StaffCallReason::Printer)
    });
    while resident.title() == "paper.format.title" {
        resident.choose("skip");
        while matches!(resident.screen.body, Body::Working { .. }) {
            resident.next_screen();
        }
    }
    resident.until("done.title");
    assert_eq!(hall.receipts.receipts().len(), 1, "the receipt came out");
}

/// A driver that breaks at its first document.
struct Breaking(SimulatedFormPrinter, Arc<AtomicBool>);

impl FormPrinter for Breaking {
    fn status(&mut self) -> Result<FormPrinterStatus, FormPrinterError> {
        self.0.status()
    }

    fn print_document(
        &mut self,
        document: &[u8],
        format: DocumentFormat,
        name: &str,
    ) -> Result<JobId, FormPrinterError> {
        assert!(self.1.swap(true, Ordering::Relaxed), "broken on purpose");
        self.0.print_document(document, format, name)
    }

    fn job_state(&mut self, job: JobId) -> Result<JobState, FormPrinterError> {
        self.0.job_state(job)
    }

    fn cancel(&mut self, job: JobId) -> Result<(), FormPrinterError> {
        self.0.cancel(job)
    }
}

#[test]
fn a_driver_that_panics_costs_one_attempt_and_no_application() {
    let hall = Hall::new();
    let (forms, broke) = (hall.forms.clone(), Arc::new(AtomicBool::new(false)));
    let mut hardware = hall.hardware();
    hardware.form_printer = Arc::new(move || Box::new(Breaking(forms.clone(), Arc::clone(&broke))));
    let mut resident = hall.open_with(hardware);
    resident.until("paper.fault.title");
    hall.wait_for_delivery();
    resident.choose("retry");
    resident.until("done.title");
    assert!(!hall.forms.printed().is_empty());
}
