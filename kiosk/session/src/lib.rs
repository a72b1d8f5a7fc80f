//! One resident's visit (窓口セッション): `(Session, Event)` to `(Session, Effects)`; pure.
//!
//! Never does I/O, never waits, reads no clock; names no device, window or URL. The app sends every touch, answer,
//! notice and second as an [`Event`](effect::Event) with the time, does what the [`Effect`](effect::Effect)s say, and
//! draws [`Session::screen`] after each step. An answer carries the [`Ask`](effect::Ask) of its question; one that is
//! not awaited any more is dropped here, so the app may send answers late, twice or in any order.
//!
//! Inside: a page (`pages/`) owns what is typed on it and says what happened (`next.rs`); `flow.rs` alone decides which page
//! comes then; `visit/` is what the resident answered so far; `session.rs` keeps time, overlay and the open question.
//!
//! ```sh
//! cargo test -p session --test visits    # plays visits; needs Rust and nothing else
//! ```

mod aside;
mod asks;
mod choice_id;
mod date_pad;
mod display;
pub mod effect;
mod effects;
mod fact_words;
mod flow;
mod idle;
pub mod kana;
mod kiosk_state;
mod next;
mod pads;
mod page;
mod pages;
mod people;
mod pin;
mod plan_card;
mod role;
pub mod screen;
mod session;
pub mod text;
pub mod touch;
mod town;
mod visit;

pub use aside::TakeUpError;
pub use session::Session;
pub use town::{Policy, TownContext};
