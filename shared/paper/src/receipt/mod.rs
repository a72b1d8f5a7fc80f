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
    /// What the town says beneath everything.
    pub notice: Words,
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
    /// When it is due.
    pub when: When,
    /// Where it is done.
    pub counter: Counter,
    /// Its form was made here.
    pub here: bool,
    /// Fee in yen.
    pub fee_yen: i64,
    /// The statute, Japanese.
    pub statute: String,
}

/// A counter as a paper names it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Counter {
    /// Number over the counter and on the map; 0 for another office.
    pub number: u32,
    /// What it is called.
    pub title: Words,
    /// Where it is: 「1階」.
    pub place: Words,
}

/// When a procedure is due.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum When {
    /// By this day.
    By(Date),
    /// It was due on this day.
    Overdue(Date),
    /// Before this day.
    Before(Date),
    /// Together with another procedure.
    With(Words),
    /// As soon as possible.
    Soon,
    /// So many days after another filing.
    After(u32),
    /// Whenever it suits.
    Any,
}

impl Receipt {
    /// The resident's language, where it is not Japanese.
    pub(crate) fn second(&self) -> Option<&str> {
        self.language
            .as_deref()
            .filter(|language| *language != "ja")
    }

    /// Where to go first: the counter of the first form that was made here, or the first with a number.
    pub(crate) fn first_counter(&self) -> Option<&Counter> {
        let made = self.lines.iter().find(|line| line.here);
        let numbered = || self.lines.iter().find(|line| line.counter.number > 0);
        made.or_else(numbered).map(|line| &line.counter)
    }
}
