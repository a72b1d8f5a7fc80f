//! Hand-off (docs/hand-off.md): what a town's other systems get of an application, as CSV or JSON, through a robots' queue
//! or an API.

mod document;
mod sheet;

pub use document::{Document, DocumentValue};
pub use sheet::{Sheet, write_sheet};
