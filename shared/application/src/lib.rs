//! Application forms (申請書作成): fields, sources of values, prefill, checks, closed vocabularies; pure.
//!
//! One value entered once serves every form, and keeps where it came from.

mod value;

pub use value::{Source, Value, ValueKey, ValueSet};
