//! 受付票 and plan on thermal paper: rasters, native QR codes and cuts over ESC/POS.

pub mod asb;
mod device;
pub mod escpos;
mod job;
#[cfg(feature = "simulated")]
pub mod simulated;
mod status;

use thiserror::Error;

pub use device::Address;
pub use job::{Job, JobError, PRINT_WIDTH, Part, Qr, QrCorrection, Raster};
pub use status::{Paper, ReceiptPrinterStatus, Trouble};

/// A receipt printer. Calls block until done or until the printer's deadline passes.
pub trait ReceiptPrinter: Send {
    /// Asks for paper, cover and faults now.
    ///
    /// # Errors
    /// [`ReceiptPrinterError::Unreachable`] when nobody answers.
    fn status(&mut self) -> Result<ReceiptPrinterStatus, ReceiptPrinterError>;

    /// Prints a job and returns when the printer says that all of it is on paper.
    ///
    /// # Errors
    /// [`ReceiptPrinterError::Trouble`] tells whether something may have been printed already; nothing is retried here.
    fn print(&mut self, job: &Job) -> Result<(), ReceiptPrinterError>;
}

/// Why a receipt did not come out.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ReceiptPrinterError {
    /// No connection, or it broke.
    #[error("receipt printer unreachable: {0}")]
    Unreachable(String),
    /// No answer before the deadline although connected.
    #[error("receipt printer did not answer in time")]
    Timeout,
    /// A person must do something.
    #[error("receipt printer: {trouble:?}")]
    Trouble {
        trouble: Trouble,
        /// Whether the job had begun, so that a part of it may be on paper and must be taken away before a reprint.
        began: bool,
    },
    /// The answer is no ESC/POS status.
    #[error("receipt printer sent a malformed status")]
    Malformed,
    /// The job itself cannot be printed.
    #[error("unprintable receipt: {0}")]
    Job(#[from] JobError),
}
