//! A card, a reader and a virtual PC/SC slot in software.
//!
//! [`Card`] refuses what the real card refuses: access rules, PIN counters, lengths, offsets. It is fed by a
//! [`CardProfile`] and stands in a [`Slot`], which both the in-process [`SimulatedReader`] and [`vpcd`] (the real pcscd's
//! virtual reader) look into; [`vscard`] lays it on the USB reader of a virtual machine. Product, not test code: demo, mock-up environment and staff training use it.

mod command;
mod content;
mod control;
mod engine;
mod fault;
mod files;
mod profile;
mod reader;
mod slot;
pub mod vpcd;
pub mod vscard;

pub use control::CardBox;
pub use engine::{ATR, Card};
pub use fault::{Fault, FaultPlan};
pub use profile::{CardProfile, Forged, IssuerProfile, PinProfile, ProfileError};
pub use reader::SimulatedReader;
pub use slot::Slot;
