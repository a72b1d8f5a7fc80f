//! A receipt printer in software: decodes ESC/POS, keeps state as a printer does, and keeps each receipt as a picture.
//!
//! [`VirtualPrinter`] is the machine. [`SimulatedReceiptPrinter`] drives it in this process, [`server`] over TCP.

mod control;
mod decoder;
mod machine;
mod paper;
pub mod server;

use std::sync::{Arc, Mutex, PoisonError};

use ::escpos::driver::Driver;
use ::escpos::errors::Result as DriverResult;

pub use control::PrinterPanel;
pub use machine::{Receipt, VirtualPrinter};

use super::escpos::encode;
use super::{Job, ReceiptPrinter, ReceiptPrinterError, ReceiptPrinterStatus};

/// The virtual printer without a wire.
pub struct SimulatedReceiptPrinter {
    printer: VirtualPrinter,
}

impl SimulatedReceiptPrinter {
    /// Drives this machine.
    #[must_use]
    pub fn new(printer: VirtualPrinter) -> Self {
        Self { printer }
    }
}

impl ReceiptPrinter for SimulatedReceiptPrinter {
    fn status(&mut self) -> Result<ReceiptPrinterStatus, ReceiptPrinterError> {
        self.printer
            .status()
            .ok_or_else(|| ReceiptPrinterError::Unreachable("switched off".to_owned()))
    }

    fn print(&mut self, job: &Job) -> Result<(), ReceiptPrinterError> {
        if let Some(trouble) = self.status()?.trouble() {
            return Err(ReceiptPrinterError::Trouble {
                trouble,
                began: false,
            });
        }
        let collect = Collect::default();
        encode(job, collect.clone())
            .map_err(|error| ReceiptPrinterError::Unreachable(error.to_string()))?;
        self.printer.receive(&collect.take());
        match self.status()?.trouble() {
            Some(trouble) => Err(ReceiptPrinterError::Trouble {
                trouble,
                began: true,
            }),
            None => Ok(()),
        }
    }
}

/// A driver of the crate `escpos` that collects bytes.
#[derive(Clone, Default)]
pub(super) struct Collect(Arc<Mutex<Vec<u8>>>);

impl Collect {
    pub(super) fn take(&self) -> Vec<u8> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Driver for Collect {
    fn name(&self) -> String {
        "collect".to_owned()
    }

    fn write(&self, data: &[u8]) -> DriverResult<()> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .extend_from_slice(data);
        Ok(())
    }

    fn read(&self, _buffer: &mut [u8]) -> DriverResult<usize> {
        Ok(0)
    }

    fn flush(&self) -> DriverResult<()> {
        Ok(())
    }
}
