//! Paper that does not come: every trouble of both printers leads to its page, nothing comes out later for somebody else, and
//! a part that panics costs one attempt.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on may stop")]

use std::cell::Cell;
use std::time::Duration;

use devices::form_printer::simulated::SimulatedFormPrinter;
use devices::form_printer::{
    DocumentFormat, Fault, FormPrinter, FormPrinterError, FormPrinterStatus, JobId, JobState,
};
use devices::receipt_printer::simulated::{SimulatedReceiptPrinter, VirtualPrinter};
use devices::receipt_printer::{Job, PRINT_WIDTH, Paper, Part, Raster, ReceiptPrinterStatus};
use kiosk::effects::print::{self, PrintFormat, Waiting};
use session::effect::PrintProblem;

const PDF: &[u8] = b"%PDF-1.7\n";

/// Somebody who waits for so many looks, and what happens meanwhile.
struct Patience<'a> {
    looks: Cell<u32>,
    meanwhile: &'a dyn Fn(u32),
}

impl<'a> Patience<'a> {
    fn of(looks: u32, meanwhile: &'a dyn Fn(u32)) -> Self {
        Self {
            looks: Cell::new(looks),
            meanwhile,
        }
    }
}

impl Waiting for Patience<'_> {
    fn pause(&self, _: Duration) -> bool {
        (self.meanwhile)(self.looks.get());
        let left = self.looks.get().saturating_sub(1);
        self.looks.set(left);
        left > 0
    }
}

fn send(printer: &mut dyn FormPrinter, waiting: &dyn Waiting) -> Result<(), PrintProblem> {
    let format = print::choose_format(printer)?;
    print::form(printer, PDF, format.document, "07-260427-0001-4", waiting)
}

const FAULTS: [(Fault, PrintProblem); 6] = [
    (Fault::PaperOut, PrintProblem::PaperOut),
    (Fault::CoverOpen, PrintProblem::CoverOpen),
    (Fault::Jam, PrintProblem::Jam),
    (Fault::Offline, PrintProblem::Offline),
    (Fault::InkOut, PrintProblem::Fault),
    (Fault::OutputFull, PrintProblem::Fault),
];

#[test]
fn a_form_printer_in_trouble_is_sent_nothing() {
    for (fault, problem) in FAULTS {
        let mut printer = SimulatedFormPrinter::new(&[DocumentFormat::Pdf]);
        printer.set_fault(Some(fault));
        let nobody = Patience::of(1, &|_| {});
        assert_eq!(send(&mut printer, &nobody), Err(problem), "{fault:?}");
        printer.set_fault(None);
        assert!(printer.printed().is_empty(), "{fault:?}: nothing waited");
        assert_eq!(send(&mut printer, &nobody), Ok(()), "{fault:?} is over");
    }
    for fault in [Fault::InkLow, Fault::PaperLow] {
        let mut printer = SimulatedFormPrinter::new(&[DocumentFormat::Pdf]);
        printer.set_fault(Some(fault));
        assert_eq!(send(&mut printer, &Patience::of(1, &|_| {})), Ok(()));
    }
}

#[test]
fn trouble_in_the_middle_of_a_job_withdraws_it() {
    for (fault, problem) in FAULTS {
        let printer = SimulatedFormPrinter::new(&[DocumentFormat::Pdf]);
        // The fault comes between the look at the printer and the document.
        let format = print::choose_format(&mut printer.clone()).unwrap();
        printer.set_fault(Some(fault));
        let nobody = Patience::of(3, &|_| {});
        let printed = print::form(&mut printer.clone(), PDF, format.document, "1", &nobody);
        assert_eq!(printed, Err(problem), "{fault:?}");
        printer.set_fault(None);
        assert!(printer.printed().is_empty(), "{fault:?}: it was withdrawn");
    }
}

#[test]
fn a_printer_switched_off_is_offline_before_and_in_the_middle() {
    let printer = SimulatedFormPrinter::new(&[DocumentFormat::Pdf]);
    let off = |_| printer.power(false);
    off(0);
    let nobody = Patience::of(1, &|_| {});
    assert_eq!(
        send(&mut printer.clone(), &nobody),
        Err(PrintProblem::Offline)
    );
    printer.power(true);
    let mut slow = Slow(printer.clone());
    let switched_off = Patience::of(3, &off);
    assert_eq!(send(&mut slow, &switched_off), Err(PrintProblem::Offline));
    printer.power(true);
    assert!(printer.printed().is_empty());
}

/// A printer that never gets on, as one that waits for its fuser.
struct Slow(SimulatedFormPrinter);

impl FormPrinter for Slow {
    fn status(&mut self) -> Result<FormPrinterStatus, FormPrinterError> {
        self.0.status()
    }

    fn print_document(
        &mut self,
        _: &[u8],
        _: DocumentFormat,
        _: &str,
    ) -> Result<JobId, FormPrinterError> {
        Ok(JobId(1))
    }

    fn job_state(&mut self, _: JobId) -> Result<JobState, FormPrinterError> {
        self.0.status().map(|_| JobState::Printing)
    }

    fn cancel(&mut self, _: JobId) -> Result<(), FormPrinterError> {
        Ok(())
    }
}

#[test]
fn a_resident_who_leaves_ends_the_wait() {
    let printer = SimulatedFormPrinter::new(&[DocumentFormat::Pdf]);
    assert_eq!(
        send(&mut Slow(printer), &Patience::of(1, &|_| {})),
        Err(PrintProblem::Offline)
    );
}

#[test]
fn the_best_format_that_a_printer_takes_is_wanted() {
    let format = |formats: &[DocumentFormat]| {
        print::choose_format(&mut SimulatedFormPrinter::new(formats))
            .map(|format: PrintFormat| format.document)
    };
    use DocumentFormat::{Pdf, PwgRaster, Urf};
    assert_eq!(format(&[Urf, PwgRaster, Pdf]), Ok(Pdf));
    assert_eq!(format(&[Urf, PwgRaster]), Ok(PwgRaster));
    assert_eq!(format(&[Urf]), Ok(Urf));
    assert_eq!(format(&[]), Err(PrintProblem::Format));
}

#[test]
fn a_receipt_printer_in_trouble_tells_which() {
    type Set = fn(&mut ReceiptPrinterStatus);
    let troubles: [(Set, PrintProblem); 4] = [
        (|state| state.paper = Paper::Out, PrintProblem::PaperOut),
        (|state| state.cover_open = true, PrintProblem::CoverOpen),
        (|state| state.cutter_error = true, PrintProblem::Jam),
        (|state| state.recoverable = true, PrintProblem::Offline),
    ];
    for (set, problem) in troubles {
        let machine = VirtualPrinter::new(None);
        machine.change(set);
        let mut printer = SimulatedReceiptPrinter::new(machine.clone());
        assert_eq!(print::receipt(&mut printer, &job()), Err(problem));
        assert!(machine.receipts().is_empty());
    }
    let machine = VirtualPrinter::new(None);
    machine.power(false);
    let mut printer = SimulatedReceiptPrinter::new(machine.clone());
    assert_eq!(
        print::receipt(&mut printer, &job()),
        Err(PrintProblem::Offline)
    );
    machine.power(true);
    assert_eq!(print::receipt(&mut printer, &job()), Ok(()));
    assert_eq!(machine.receipts().len(), 1);
}

fn job() -> Job {
    let dots = Raster::from_packed(PRINT_WIDTH, vec![0xAA; 72 * 40]);
    Job::new(vec![Part::Raster(dots.unwrap()), Part::Cut])
}
