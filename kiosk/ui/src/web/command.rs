//! What the window's thread is asked to do, by the program and by viewers.

use serde::Deserialize;

use super::viewers::Outbox;
use crate::handle::Job;

/// What the window's thread is asked to do.
pub(super) enum Command {
    /// Anything with the window.
    Job(Job),
    /// A viewer came; it gets everything first.
    Join(u64, Outbox),
    /// A viewer left.
    Leave(u64),
    /// A viewer has painted a frame.
    Painted(u64),
    /// A viewer's finger or key.
    Input(ViewerInput),
    /// End.
    Quit,
}

/// What a viewer did, and which page it showed then: a touch on a screen that has gone since must not
/// act on the one that took its place. A viewer that does not say is believed.
#[derive(Deserialize)]
pub(super) struct ViewerInput {
    #[serde(flatten)]
    pub(super) input: Input,
    #[serde(default)]
    pub(super) page: Option<u32>,
}

/// What a viewer did, in pixels of the screen.
#[derive(Deserialize)]
#[serde(tag = "do", rename_all = "lowercase")]
pub(super) enum Input {
    Down { x: f32, y: f32 },
    Move { x: f32, y: f32 },
    Up { x: f32, y: f32 },
    Wheel { x: f32, y: f32, by: f32 },
    Key { text: String },
    Press { id: String },
    Painted,
}
