//! What can go wrong between the kiosk and a card. No variant carries anything about a person.

use card_face::FaceError;
use thiserror::Error;

use super::StatusWord;

/// Why a card operation did not succeed. Each variant leads to a different page for the resident.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CardError {
    /// No reader is connected.
    #[error("no card reader is connected")]
    NoReader,
    /// The PC/SC service does not answer.
    #[error("the card service is unreachable: {0}")]
    ServiceDown(String),
    /// The reader is empty.
    #[error("no card on the reader")]
    NoCard,
    /// The card was taken away during the work, or this connection was already closed.
    #[error("the card was removed")]
    Removed,
    /// Another program holds the card.
    #[error("the card is in use by another program")]
    Busy,
    /// The card is there but does not answer a reset.
    #[error("the card does not respond")]
    Mute,
    /// No answer before the deadline. Only taking the card away ends this state.
    #[error("the card did not answer in time")]
    Timeout,
    /// The chip is not a 個人番号カード (an application is missing).
    #[error("not a My Number card")]
    NotMyNumberCard,
    /// The PIN was wrong; the count is what the card reported.
    #[error("wrong PIN, {left} tries left")]
    WrongPin {
        /// Tries that remain, at least one.
        left: u8,
    },
    /// The PIN is blocked; only a municipal counter can unblock it.
    #[error("the PIN is blocked")]
    Blocked,
    /// One try is left and the resident has not confirmed; nothing was sent to the card.
    #[error("refused to spend the last try without consent")]
    LastTry,
    /// The card refused the command.
    #[error("the card refused {step}: {status}")]
    Refused {
        /// Which step of the protocol.
        step: &'static str,
        /// What the card answered.
        status: StatusWord,
    },
    /// The answer is not what this step promises: too short, wrong tag, inconsistent lengths.
    #[error("malformed answer to {step}: {reason}")]
    Malformed {
        /// Which step of the protocol.
        step: &'static str,
        reason: &'static str,
    },
    /// A text on the card holds a character that the kiosk refuses; see [`card_face::refused`].
    #[error("the card's {field} holds {what}")]
    Text {
        /// Which of the four items.
        field: &'static str,
        /// The kind of character.
        what: &'static str,
    },
    /// The guard stopped a command that this program must never send.
    #[error("a forbidden command was stopped: {0}")]
    Forbidden(&'static str),
    /// The digest does not fit this card's signature algorithm.
    #[error("this card cannot sign a digest of {0} bytes")]
    UnsupportedDigest(usize),
    /// The reader failed in another way.
    #[error("card reader error: {0}")]
    Reader(String),
}

impl From<FaceError> for CardError {
    fn from(error: FaceError) -> Self {
        match error {
            FaceError::Malformed { file, reason } => Self::Malformed { step: file, reason },
            FaceError::Text { field, what } => Self::Text { field, what },
        }
    }
}

impl CardError {
    /// A word for logs and metrics, one per variant.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::NoReader => "no-reader",
            Self::ServiceDown(_) => "service-down",
            Self::NoCard => "no-card",
            Self::Removed => "removed",
            Self::Busy => "busy",
            Self::Mute => "mute",
            Self::Timeout => "timeout",
            Self::NotMyNumberCard => "not-my-number-card",
            Self::WrongPin { .. } => "wrong-pin",
            Self::Blocked => "blocked",
            Self::LastTry => "last-try",
            Self::Refused { .. } => "refused",
            Self::Malformed { .. } => "malformed",
            Self::Text { .. } => "text",
            Self::Forbidden(_) => "forbidden",
            Self::UnsupportedDigest(_) => "unsupported-digest",
            Self::Reader(_) => "reader",
        }
    }

    /// Whether the connection to the card is lost, so that nothing more can be sent.
    #[must_use]
    pub fn connection_is_lost(&self) -> bool {
        matches!(
            self,
            Self::Removed | Self::Timeout | Self::NoCard | Self::NoReader | Self::ServiceDown(_)
        )
    }
}
