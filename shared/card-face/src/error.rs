//! What can be wrong with the files themselves. No variant carries anything about a person.

use thiserror::Error;

/// Why the files of a card face cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum FaceError {
    /// Too short, a wrong tag, or lengths that contradict each other.
    #[error("malformed {file}: {reason}")]
    Malformed {
        /// Which file.
        file: &'static str,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// A text holds a character that is refused; see [`refused`](crate::refused).
    #[error("the card's {field} holds {what}")]
    Text {
        /// Which of the four items.
        field: &'static str,
        /// The kind of character.
        what: &'static str,
    },
}
