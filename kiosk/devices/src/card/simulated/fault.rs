//! What can be made to go wrong with a simulated card.

use std::time::Duration;

/// A way to fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Never answers; only removal ends it.
    Mute,
    /// Answers bytes that are no answer to the command.
    Garbage,
    /// Half of the answer, then gone.
    Truncated,
    /// Gone in the middle of a command.
    Pulled,
    /// Every answer from then on takes this long.
    Slow(Duration),
    /// One refusal with this status word.
    Status(u16),
}

/// When to fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FaultPlan {
    pub fault: Fault,
    /// How many commands still go well before.
    pub after: u32,
}

impl FaultPlan {
    /// Reads `mute`, `garbage`, `truncated`, `pulled`, `slow MILLISECONDS` or `status HHHH`, optionally followed by `after N`.
    #[must_use]
    pub fn parse(words: &[&str]) -> Option<Self> {
        let (fault, rest) = match words {
            ["mute", rest @ ..] => (Fault::Mute, rest),
            ["garbage", rest @ ..] => (Fault::Garbage, rest),
            ["truncated", rest @ ..] => (Fault::Truncated, rest),
            ["pulled", rest @ ..] => (Fault::Pulled, rest),
            ["slow", milliseconds, rest @ ..] => (
                Fault::Slow(Duration::from_millis(milliseconds.parse().ok()?)),
                rest,
            ),
            ["status", word, rest @ ..] => {
                (Fault::Status(u16::from_str_radix(word, 16).ok()?), rest)
            }
            _ => return None,
        };
        match rest {
            [] => Some(Self { fault, after: 0 }),
            ["after", count] => Some(Self {
                fault,
                after: count.parse().ok()?,
            }),
            _ => None,
        }
    }
}
