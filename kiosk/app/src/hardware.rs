//! The devices that a kiosk is started with.

use std::sync::Arc;

use devices::card::CardReader;
use devices::form_printer::FormPrinter;
use devices::indicator::Indicator;
use devices::receipt_printer::ReceiptPrinter;
use devices::status_display::StatusDisplay;

/// Makes a part; called again after a panic or a hang, so that the next job gets a new one.
pub type Factory<T> = Arc<dyn Fn() -> Box<T> + Send + Sync>;

/// The devices around the screen, real or simulated, as the command line chose them.
pub struct Hardware {
    /// Called for the handle that reads cards and for the one that watches them.
    pub card: Factory<dyn CardReader>,
    pub receipt_printer: Factory<dyn ReceiptPrinter>,
    pub form_printer: Factory<dyn FormPrinter>,
    /// Light ring, presence sensor and tamper switch.
    pub indicator: Box<dyn Indicator>,
    /// The display inside the case.
    pub status_display: Box<dyn StatusDisplay>,
}
