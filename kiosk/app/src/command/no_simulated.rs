//! This program was built without simulated parts: settings that ask for one are refused.

use devices::card::CardReader;
use devices::form_printer::FormPrinter;
use devices::indicator::Indicator;
use devices::receipt_printer::ReceiptPrinter;
use devices::status_display::StatusDisplay;
use kiosk::hardware::Factory;
use kiosk::settings;

use super::outcome::Failure;

fn refused<T>(part: &str) -> Result<T, Failure> {
    Err(Failure::input(format!(
        "{part}: this program was built without simulated parts; a part that the machine lacks is none"
    )))
}

pub(super) fn card(_: &settings::SimulatedCard) -> Result<Factory<dyn CardReader>, Failure> {
    refused("card.simulated")
}

pub(super) fn receipt_printer(
    _: &settings::SimulatedPrinter,
) -> Result<Factory<dyn ReceiptPrinter>, Failure> {
    refused("receipt_printer.simulated")
}

pub(super) fn form_printer(
    _: &settings::SimulatedPrinter,
) -> Result<Factory<dyn FormPrinter>, Failure> {
    refused("form_printer.simulated")
}

pub(super) fn indicator() -> Result<Box<dyn Indicator>, Failure> {
    refused("indicator.simulated")
}

pub(super) fn status_display(
    _: &settings::SimulatedDisplay,
) -> Result<Box<dyn StatusDisplay>, Failure> {
    refused("status_display.simulated")
}
