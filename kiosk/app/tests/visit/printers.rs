//! Form printers without paper, without PDF, without any format of ours, and with a driver that breaks.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use devices::form_printer::simulated::SimulatedFormPrinter;
use devices::form_printer::{
    DocumentFormat, Fault, FormPrinter, FormPrinterError, FormPrinterStatus, JobId, JobState,
};
use session::screen::Body;

use crate::test_site::TestSite;

#[test]
fn a_printer_without_paper_keeps_the_application_and_goes_on_after_help() {
    let site = TestSite::new();
    site.forms.set_fault(Some(Fault::PaperOut));
    let mut resident = site.open();
    resident.until("paper.out.title");
    assert!(site.forms.printed().is_empty());
    site.wait_for_delivery();
    site.forms.set_fault(None);
    assert!(
        site.forms.printed().is_empty(),
        "the job was withdrawn: nothing comes out for somebody else"
    );
    resident.choose("retry");
    resident.until("done.title");
    assert!(!site.forms.printed().is_empty());
}

#[test]
fn a_printer_without_pdf_gets_rasters_of_the_same_pages() {
    for (format, begins) in [
        (DocumentFormat::PwgRaster, &b"RaS2PwgRaster"[..]),
        (DocumentFormat::Urf, &b"UNIRAST\0"[..]),
    ] {
        let mut site = TestSite::new();
        site.forms = SimulatedFormPrinter::new(&[format]);
        site.open().until("done.title");
        let printed = site.forms.printed();
        assert!(!printed.is_empty());
        for (_, document) in printed {
            assert!(document.starts_with(begins), "{format:?}");
            assert!(document.len() > 20_000, "{format:?}: there is ink on it");
        }
    }
}

#[test]
fn a_printer_that_takes_no_format_of_ours_leads_to_staff_and_nothing_is_lost() {
    let mut site = TestSite::new();
    site.forms = SimulatedFormPrinter::new(&[]);
    let mut resident = site.open();
    resident.until("paper.format.title");
    site.wait_for_delivery();
    site.wait_for(|state| {
        state
            .calls
            .iter()
            .any(|call| call.reason == kiosk_api::StaffCallReason::Printer)
    });
    while resident.title() == "paper.format.title" {
        resident.choose("skip");
        while matches!(resident.screen.body, Body::Working(_)) {
            resident.next_screen();
        }
    }
    resident.until("done.title");
    assert_eq!(site.receipts.receipts().len(), 1, "the receipt came out");
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
    let site = TestSite::new();
    let (forms, broke) = (site.forms.clone(), Arc::new(AtomicBool::new(false)));
    let mut hardware = site.hardware();
    hardware.form_printer = Arc::new(move || Box::new(Breaking(forms.clone(), Arc::clone(&broke))));
    let mut resident = site.open_with(hardware);
    resident.until("paper.fault.title");
    site.wait_for_delivery();
    resident.choose("retry");
    resident.until("done.title");
    assert!(!site.forms.printed().is_empty());
}
