//! Card reader, receipt printer, form printer, indicator and status display, each with its simulator; knows no resident.
//!
//! Everything here speaks bytes and bitmaps. Calls block, each with a deadline, so the kiosk gives every device a thread of
//! its own. A simulator stands beside its real part, refuses what the real one refuses and passes the same contract test.

pub mod card;
pub mod control;
pub mod form_printer;
pub mod indicator;
pub mod receipt_printer;
pub mod status_display;
