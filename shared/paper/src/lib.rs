//! What gets printed: forms as PDF and page image (Typst), receipts as 1-bit rasters (embedded-graphics).
//!
//! Every paper carries a code that leads a clerk to the application, and says nothing about the person:
//!
//! ```
//! use paper::code::{Code, CodeError};
//!
//! let code = Code {
//!     tenant: "990019".to_owned(),
//!     reception: "03-260427-0015-4".to_owned(),
//!     application: "0190b3c0-0000-7000-8000-000000000001".to_owned(),
//! };
//! let scanned = code.text();
//! assert!(scanned.starts_with("GENKAN1/990019/03-260427-0015-4/"));
//! assert_eq!(Code::parse(&scanned), Ok(code));
//! assert_eq!(Code::parse(&scanned.replace("990019", "990027")), Err(CodeError::Check));
//! ```

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
