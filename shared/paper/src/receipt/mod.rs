//! The receipt (控え): what was filed, what comes next, and a code that a clerk scans; Japanese first, the resident's own
//! language small beneath.

mod draw;
mod pen;
mod raster;
mod words;

use guidance::Words;
use jiff::civil::{Date, DateTime};

use crate::code::Code;

pub use draw::{ReceiptRaster, draw};
pub use pen::Pen;
pub use raster::{DOTS, Raster};
pub use words::ReceiptWords;

/// Everything on a receipt. No Debug: it names people.
#[derive(Clone, PartialEq)]
pub struct Receipt {
    /// The town: 「玄関町」.
    pub town: String,
    /// Where the kiosk stands: 「本庁舎1階 ロビー1」.
    pub kiosk: String,
    /// Reception number, town and application, for the code.
    pub code: Code,
    /// When it was filed, town time.
    pub at: DateTime,
    /// What for: the life event.
    pub event: Words,
    /// Names of those concerned.
    pub who: Vec<String>,
    /// The plan's lines, in its order.
    pub lines: Vec<ReceiptLine>,
    /// What to bring; what may stay at home is left out.
    pub bring: Vec<Words>,
    /// What happens next.
    pub next: Vec<Words>,
    /// The resident's language besides Japanese; `None` or `ja`: Japanese only.
    pub language: Option<String>,
}

/// One procedure.
#[derive(Clone, PartialEq)]
pub struct ReceiptLine {
    /// The procedure.
    pub title: Words,
    /// Names, empty for the household.
    pub who: Vec<String>,
    /// Due day, when there is one.
    pub due: Option<Date>,
    /// The due day is past.
    pub overdue: bool,
    /// The counter.
    pub counter: Words,
    /// Its form was made here.
    pub here: bool,
    /// Fee in yen.
    pub fee_yen: i64,
}
