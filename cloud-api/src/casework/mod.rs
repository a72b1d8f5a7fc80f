//! What is done with applications: opening them, changing their status, correcting them while what came is kept, finding
//! names without storing them, asking the core system about protective measures.

mod correct;
mod index;
pub mod lookup;
mod named;
mod names;
mod open;
mod work;

pub use correct::{Correction, Difference, differences};
pub(crate) use index::card_word;
pub use index::index;
pub use named::named;
pub use names::{NameKey, fold};
pub(crate) use open::open;

pub(crate) use work::HELD;
pub use work::Opened;

use jiff::SignedDuration;

/// How long an application stays with whoever took it, after their last action on it.
pub const CLAIM_LIFE: SignedDuration = SignedDuration::from_mins(30);
