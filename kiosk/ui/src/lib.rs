//! The touchscreen: draws a session [`Screen`](session::screen::Screen) with Slint and returns
//! [`Touch`](session::touch::Touch)es; decides nothing.
//!
//! - [`WordBook`]: every word by key and language, furigana marked.
//! - [`Ui`]: one window on the platform of its thread.
//! - [`UiHandle`] and `run_window` / `run_web`: the window on its own thread, fed from others.
//! - [`Painter`]: pictures without a display.
//!
//! ```sh
//! cargo build --workspace --example gallery
//! target/debug/examples/gallery /tmp/gallery ja    # every kind of screen as PNG
//! ```

mod adapters;
#[cfg(any(feature = "kms", test))]
mod chords;
mod error;
mod furigana;
mod handle;
pub mod icons;
mod snapshot;
mod typeset;
mod ui;
#[cfg(feature = "web")]
mod web;
mod words;

pub use error::UiError;
#[cfg(feature = "kms")]
pub use handle::run_kms;
pub use handle::{UiGone, UiHandle, run_window};
pub use snapshot::{HEIGHT, Painter, Picture, WIDTH};
pub use ui::Ui;
#[cfg(feature = "web")]
pub use web::{WebAddress, run_web};
pub use words::{FIRST, WordBook, WordsError};

/// What slint-build makes of ui/*.slint.
#[allow(
    missing_docs,
    unreachable_pub,
    clippy::all,
    clippy::todo,
    clippy::unwrap_used,
    clippy::wildcard_imports
)]
mod screens {
    slint::include_modules!();
}

pub use screens::Main;
