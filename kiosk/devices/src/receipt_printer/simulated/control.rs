//! The buttons and flaps of the virtual printer, as words.

use super::machine::VirtualPrinter;
use crate::control::Control;
use crate::receipt_printer::Paper;

/// Requests: `status`, `paper ok|low|out`, `paper-left ROWS`, `cover open|closed`, `jam on|off`, `offline on|off`,
/// `power on|off`, `count`.
pub struct PrinterPanel(pub VirtualPrinter);

impl Control for PrinterPanel {
    fn request(&mut self, line: &str) -> Result<Vec<String>, String> {
        let printer = &self.0;
        let words: Vec<&str> = line.split_ascii_whitespace().collect();
        match words.as_slice() {
            ["status"] => return Ok(vec![format!("{:?}", printer.status())]),
            ["count"] => return Ok(vec![printer.receipts().len().to_string()]),
            ["paper", "ok"] => printer.change(|state| state.paper = Paper::Adequate),
            ["paper", "low"] => printer.change(|state| state.paper = Paper::NearEnd),
            ["paper", "out"] => printer.change(|state| state.paper = Paper::Out),
            ["paper-left", rows] => {
                printer.end_paper_after(rows.parse().map_err(|_| "paper-left ROWS")?)
            }
            ["cover", place @ ("open" | "closed")] => {
                printer.change(|state| state.cover_open = *place == "open")
            }
            ["jam", way @ ("on" | "off")] => {
                printer.change(|state| state.cutter_error = *way == "on")
            }
            ["offline", way @ ("on" | "off")] => printer.change(|state| {
                state.offline = *way == "on";
                state.recoverable = *way == "on";
            }),
            ["power", way @ ("on" | "off")] => printer.power(*way == "on"),
            _ => {
                return Err(
                    "status, count, paper, paper-left, cover, jam, offline or power".to_owned(),
                );
            }
        }
        Ok(Vec::new())
    }
}
