//! What gets printed: forms as PDF and page image (Typst), receipts as 1-bit rasters (embedded-graphics).

pub mod code;
mod error;
pub mod fonts;
mod press;
pub mod receipt;
mod sheet_data;
mod slip;
mod world;

pub use error::PaperError;
pub use fonts::{FontError, FontSet};
pub use press::{PageImage, Press, Sheet};
