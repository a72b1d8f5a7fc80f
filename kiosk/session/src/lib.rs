//! One resident's visit (窓口セッション): `(Session, Event)` to `(Session, Effects)`; pure.
//!
//! Never does I/O, never waits, reads no clock; names no device, window or URL.

pub mod effect;
pub mod screen;
pub mod text;
pub mod touch;
