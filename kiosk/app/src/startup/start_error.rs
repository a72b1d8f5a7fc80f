//! Why a kiosk does not start.

use thiserror::Error;

use crate::card_face::CardFaceError;
use crate::cloud::TrustError;
use crate::editions::{EditionProblem, KeyError};
use crate::outbox::QueueError;
use crate::reception_counter::ReceptionCounterError;
use crate::staff_number::StaffNumberError;

/// Each names the file or the part.
#[derive(Debug, Error)]
pub enum StartError {
    /// A certificate or key for the cloud.
    #[error(transparent)]
    Trust(#[from] TrustError),
    /// The folder of card-face authorities.
    #[error(transparent)]
    CardFace(#[from] CardFaceError),
    /// A key for editions, or the sealing key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// Neither a kept nor a shipped edition is good.
    #[error(transparent)]
    Edition(#[from] EditionProblem),
    /// The outbox does not open.
    #[error("outbox: {0}")]
    Queue(#[from] QueueError),
    /// The file of the staff's number.
    #[error(transparent)]
    StaffNumber(#[from] StaffNumberError),
    /// The file of the reception counter.
    #[error(transparent)]
    Reception(#[from] ReceptionCounterError),
    /// A font family is missing.
    #[error(transparent)]
    Fonts(#[from] paper::FontError),
    /// Threads, or the data folder.
    #[error("{0}")]
    System(#[from] std::io::Error),
}
