//! The imported register: generations of sealed rows, of which one is in use.

mod find;
mod freshness;
mod import;
mod staged;

pub use find::{RegisterRow, RegisterRows};
pub use freshness::{Freshness, PullOutcome};
pub use import::{ImportEnd, StagedImport};
pub use staged::{Digest, OmittedRow, RowDigests, StagedRow};
