//! What is done with applications: opening them, changing their status, correcting them while what came is kept, finding
//! names without storing them, asking the core system about protective measures.

mod correct;
mod index;
pub mod lookup;
mod names;
mod work;

pub use correct::{Correction, Difference, differences};
pub use index::index;
pub use names::{NameKey, fold};

pub(crate) use work::HELD;
pub use work::Opened;

use jiff::SignedDuration;

/// How long an application stays with whoever took it, after their last action on it.
pub const CLAIM_LIFE: SignedDuration = SignedDuration::from_mins(30);
