//! Printing: a page counts as printed once its printer says so. Nothing comes out later for somebody else: a job that is
//! stuck is withdrawn before the screen says what to do.

use std::time::{Duration, Instant};

use devices::form_printer::{
    DocumentFormat, Fault, FormPrinter, FormPrinterError, JobId, JobState,
};
use devices::receipt_printer::{Job, ReceiptPrinter, ReceiptPrinterError, Trouble};
use session::effect::PrintProblem;

use super::answer::Answer;

/// How often a form printer is asked about a job.
const CHECK_EVERY: Duration = Duration::from_millis(250);
/// A job that is neither finished nor in trouble after this has lost its printer.
const LONGEST: Duration = Duration::from_secs(170);

/// Knows whether somebody still waits for the paper.
pub trait Waiting {
    /// Waits this long at most; whether somebody still waits for the paper.
    fn pause(&self, time: Duration) -> bool;
}

impl Waiting for Answer {
    fn pause(&self, time: Duration) -> bool {
        Self::pause(self, time)
    }
}

/// How a document is made for its printer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PrintFormat {
    /// The best format that the printer takes.
    pub document: DocumentFormat,
    /// Dots an inch, for rasters.
    pub dpi: u32,
}

/// Asks the printer what it takes, before anything is drawn for it.
///
/// # Errors
/// What the resident or staff must do.
pub fn choose_format(printer: &mut dyn FormPrinter) -> Result<PrintFormat, PrintProblem> {
    let status = printer.status().map_err(|error| log_and_classify(&error))?;
    if let Some(fault) = status.trouble() {
        return Err(of_fault(fault));
    }
    if !status.accepting {
        return Err(PrintProblem::Offline);
    }
    let document = status.best_format().ok_or_else(|| {
        // The list itself is the printer's own text.
        tracing::error!(
            kind = "form-printer-format",
            formats = status.formats.len(),
            "none that the kiosk makes"
        );
        PrintProblem::Format
    })?;
    Ok(PrintFormat {
        document,
        dpi: status.raster_resolution(),
    })
}

/// Prints one document. `name` is what staff see on the printer's panel: the reception number, never a person.
///
/// # Errors
/// What the resident or staff must do. The job was withdrawn then.
pub fn form(
    printer: &mut dyn FormPrinter,
    document: &[u8],
    format: DocumentFormat,
    name: &str,
    waiting: &dyn Waiting,
) -> Result<(), PrintProblem> {
    let job = printer
        .print_document(document, format, name)
        .map_err(|error| log_and_classify(&error))?;
    let printed = follow(printer, job, waiting);
    if printed.is_err() {
        // It may have finished in between; then there is nothing to withdraw.
        let _ = printer.cancel(job);
    }
    printed
}

fn follow(
    printer: &mut dyn FormPrinter,
    job: JobId,
    waiting: &dyn Waiting,
) -> Result<(), PrintProblem> {
    let started = Instant::now();
    let mut seen = false;
    while started.elapsed() < LONGEST {
        match printer.job_state(job) {
            Ok(JobState::Completed) => return Ok(()),
            Ok(JobState::Canceled | JobState::Aborted) => return Err(PrintProblem::Fault),
            Ok(JobState::Waiting | JobState::Printing | JobState::Stopped) => seen = true,
            // Some printers forget a job as soon as it is done (RFC 8011, 5.3.7.1).
            Err(FormPrinterError::UnknownJob(_)) if seen => return Ok(()),
            Err(error) => return Err(log_and_classify(&error)),
        }
        // Without paper the job merely goes on "printing": the printer itself knows.
        if let Some(fault) = printer
            .status()
            .map_err(|error| log_and_classify(&error))?
            .trouble()
        {
            return Err(of_fault(fault));
        }
        if !waiting.pause(CHECK_EVERY) {
            return Err(PrintProblem::Offline);
        }
    }
    Err(PrintProblem::Offline)
}

/// Prints a receipt.
///
/// # Errors
/// What the resident or staff must do.
pub fn receipt(printer: &mut dyn ReceiptPrinter, job: &Job) -> Result<(), PrintProblem> {
    printer.print(job).map_err(|error| {
        tracing::warn!(kind = "receipt-not-printed", %error);
        match error {
            ReceiptPrinterError::Unreachable(_) | ReceiptPrinterError::Timeout => {
                PrintProblem::Offline
            }
            ReceiptPrinterError::Trouble { trouble, .. } => of_trouble(trouble),
            ReceiptPrinterError::Malformed | ReceiptPrinterError::Job(_) => PrintProblem::Fault,
        }
    })
}

fn log_and_classify(error: &FormPrinterError) -> PrintProblem {
    tracing::warn!(kind = "form-not-printed", %error);
    match error {
        FormPrinterError::Unreachable(_) => PrintProblem::Offline,
        FormPrinterError::UnsupportedFormat(_) => PrintProblem::Format,
        _ => PrintProblem::Fault,
    }
}

fn of_fault(fault: Fault) -> PrintProblem {
    match fault {
        Fault::Jam => PrintProblem::Jam,
        Fault::CoverOpen => PrintProblem::CoverOpen,
        Fault::PaperOut => PrintProblem::PaperOut,
        Fault::Offline => PrintProblem::Offline,
        Fault::InkOut | Fault::OutputFull | Fault::InkLow | Fault::PaperLow => PrintProblem::Fault,
    }
}

fn of_trouble(trouble: Trouble) -> PrintProblem {
    match trouble {
        Trouble::Broken => PrintProblem::Fault,
        Trouble::Jam => PrintProblem::Jam,
        Trouble::CoverOpen => PrintProblem::CoverOpen,
        Trouble::PaperOut => PrintProblem::PaperOut,
        Trouble::Offline => PrintProblem::Offline,
    }
}
