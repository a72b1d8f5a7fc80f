//! Import of a register, whole or in part, from CSV or JSON (docs/core-system-import.md).
//!
//! Rows are read, checked, sealed and staged one after the other, so that memory does not grow with the file but for
//! about 100 bytes a resident, which find doubles. Nothing that is staged is seen until the end: a whole register
//! then takes the old one's place, a delta is laid over it, both in one transaction.

mod check;
mod column;
mod csv_rows;
mod encoding;
mod error;
mod export;
mod json_rows;
mod load;
mod reading;
mod rejection;
mod row;

use serde::Serialize;

pub use encoding::Encoding;
pub use error::ImportError;
pub use export::{export, write_rows};
pub use load::{Import, Origin};
pub use reading::read_rows;
pub use rejection::{Rejection, Report};

/// How much a file holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Every resident: the register is replaced.
    Full,
    /// What changed since: residents are added, replaced and taken out.
    Delta,
}

impl Kind {
    /// As in the store and in addresses.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Delta => "delta",
        }
    }
}

/// How a file is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Format {
    /// RFC 4180 with a heading.
    Csv,
    /// Objects, one after the other or in an array.
    Json,
}
