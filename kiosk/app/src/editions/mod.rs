//! Editions of catalogue and forms: the last good one is kept; a bad one is reported and never used.
//!
//! An edition from the cloud counts only when its signature is valid, it is this town's, it is not older than the one in use
//! and its content loads. Only then does it replace the kept file, atomically. The first edition is the one shipped in
//! the assets folder.

mod content;
mod edition;
mod edition_store;
mod new_edition;
mod shipped;
mod town_rules;
mod trusted_keys;

pub use content::{Content, Forms};
pub use edition::{Edition, EditionProblem};
pub use edition_store::{EditionStore, shipped_content};
pub use new_edition::NewEdition;
pub use town_rules::TownRules;
pub use trusted_keys::{KeyError, TrustedKeys};
