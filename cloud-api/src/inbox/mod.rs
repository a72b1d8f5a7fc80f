//! The inbox (受付箱): applications as clerks work on them. States and who may move them, names that can be searched
//! without being stored, corrections that keep what was before.

mod correct;
mod index;
pub mod lookup;
mod names;
mod protection;
mod state;
mod work;

pub use correct::{Correction, Difference, differences};
pub use index::{Index, index};
pub use names::{NameKey, fold};
pub use protection::Protection;
pub use state::{RETURN_REASONS, State, reason_text};

pub(crate) use work::HELD;
pub use work::Opened;

use jiff::SignedDuration;

/// How long an application stays with whoever took it, after their last deed on it.
pub const CLAIM_LIFE: SignedDuration = SignedDuration::from_mins(30);
