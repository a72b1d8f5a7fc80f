//! The demo town (団体コード 990019): its residents, cards, keys, and the core system that a municipality's adapter would offer.

pub mod asset;
pub mod card;
mod dice;
pub mod facts;
pub mod folder;
pub mod kinship;
pub mod pki;
mod population;
pub mod resident;
pub mod town;

pub use town::Town;
