//! One resident's visit (窓口セッション): `(Session, Event)` to `(Session, Effects)`; pure.
//!
//! Never does I/O, never waits, reads no clock; names no device, window or URL. The app sends every touch, answer,
//! notice and second as an [`Event`](effect::Event) with the time, does what the [`Effect`](effect::Effect)s say, and
//! draws [`Session::screen`] after each step. An answer carries the [`Ask`](effect::Ask) of its question; one that is
//! not awaited any more is dropped here, so the app may send answers late, twice or in any order.

mod asks;
mod card;
mod choose;
mod companions;
mod date_pad;
mod details;
pub mod effect;
mod entry;
mod fact_words;
mod forms;
mod household;
mod idle;
pub mod kana;
mod leave;
mod look;
mod offer;
mod pads;
mod page;
mod paper;
mod people;
mod pin;
mod place;
mod plan;
mod question;
mod review;
mod roster;
pub mod screen;
mod session;
mod sign;
pub mod text;
mod together;
pub mod touch;
mod town;
mod values;
mod visit;

pub use session::Session;
pub use town::{Policy, Town};
