//! Card reader, receipt printer, form printer, indicator and status display, each with its simulator; knows no resident.
//!
//! Everything here speaks bytes and bitmaps. Calls block, each with a deadline, so the kiosk gives every device a thread of
//! its own. A simulator stands beside its real part, refuses what the real one refuses and passes the same contract test:
//!
//! ```
//! use devices::receipt_printer::simulated::{SimulatedReceiptPrinter, VirtualPrinter};
//! use devices::receipt_printer::{Job, Part, Raster, ReceiptPrinter as _};
//!
//! let machine = VirtualPrinter::new(None);
//! let mut printer = SimulatedReceiptPrinter::new(machine.clone());
//!
//! // Three black rows across 80 mm paper, then a cut.
//! let rows = Raster::from_packed(576, vec![0xFF; 3 * 72])?;
//! printer.print(&Job::new(vec![Part::Raster(rows), Part::Cut]))?;
//! assert_eq!(machine.receipts().len(), 1);
//!
//! // Without paper nothing is lost and nothing is printed.
//! machine.change(|state| state.paper = devices::receipt_printer::Paper::Out);
//! assert!(printer.status()?.trouble().is_some());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
// Used by the kiosk and its tests only: a comment stands where it says more than the name.
#![allow(missing_docs)]

pub mod card;
#[cfg(feature = "simulated")]
pub mod control;
pub mod form_printer;
pub mod indicator;
pub mod receipt_printer;
pub mod status_display;
