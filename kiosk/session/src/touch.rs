//! What a resident did. Every kind of touch counts as activity.

use serde::{Deserialize, Serialize};

pub use crate::choice_id::{ChoiceId, NearDay, NoSuchChoice, PlanPart};
pub use crate::role::{Companion, Role};

/// A language of the word book, by its BCP 47-like tag (`ja`, `ja-simple`, `en`…).
#[derive(Clone, PartialEq, Eq, Debug, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Language(pub String);

/// Size of all words.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub enum TextSize {
    /// 100 %: body 40 px.
    #[default]
    Normal,
    /// 125 %.
    Large,
    /// 150 %.
    Largest,
}

/// Colours.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub enum Contrast {
    /// The design tokens on white.
    #[default]
    Normal,
    /// Yellow and white on black.
    High,
}

/// One digit of a secret. Has no Debug, Display or Serialize, so it cannot reach a log.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct SecretDigit(pub u8);

/// What a resident did.
#[derive(Clone, PartialEq)]
pub enum Touch {
    /// Begin, on the welcome screen.
    Begin,
    /// Switch the language, anywhere.
    Language(Language),
    /// Switch the text size, anywhere.
    TextSize(TextSize),
    /// Switch the colours, anywhere.
    Contrast(Contrast),
    /// Move all targets to the lower half, or back.
    LowReach(bool),
    /// A tile, option, row, result or button by its id.
    Choose(ChoiceId),
    /// A key of the kana keyboard or digit pad (not the PIN pad).
    Key(Key),
    /// A key of the PIN pad.
    Pin(SecretDigit),
    /// Delete the last PIN digit.
    PinErase,
    /// Open or close "why am I asked".
    Why,
    /// The primary action.
    Next,
    /// Back.
    Back,
    /// A finished stroke on the signature pad, in thousandths of its width and height.
    Stroke(Vec<(u16, u16)>),
    /// Call staff.
    CallStaff,
    /// Start over (asks first).
    StartOver,
    /// "I am still here" on the idle warning.
    StillHere,
    /// Close an overlay.
    Close,
    /// Any other sign of life (scrolling, a touch beside every target).
    Activity,
}

/// A key of a keyboard.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Key {
    /// A character.
    Char(char),
    /// ゛
    Dakuten,
    /// ゜
    Handakuten,
    /// 小 (small kana).
    Small,
    /// Delete the last character.
    Delete,
    /// Delete everything.
    Clear,
    /// "Unknown" for a part of a date.
    Unknown,
    /// Next part of a date.
    Part(u8),
}
