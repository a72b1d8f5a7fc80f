//! Why a request to the cloud failed.

use kiosk_api::ProblemCode;
use thiserror::Error;

/// Why there is no answer, or not the one that was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum CloudError {
    /// No connection, no trust, or no answer in time.
    #[error("the cloud cannot be reached")]
    Unreachable,
    /// It answered that it will not.
    #[error("the cloud refused: {}", .0.as_str())]
    Refused(ProblemCode),
    /// It answered something that cannot be read.
    #[error("the cloud's answer to {0} cannot be read")]
    Malformed(&'static str),
    /// What was to be sent is larger than the cloud reads.
    #[error("too large to send")]
    TooLarge,
}

impl CloudError {
    /// Whether the same request may succeed later without anybody changing it.
    #[must_use]
    pub fn retry(self) -> bool {
        match self {
            Self::Unreachable | Self::Malformed(_) => true,
            // A kiosk or town that is not known yet is made known by staff; the application must wait for that.
            Self::Refused(ProblemCode::KioskUnknown | ProblemCode::NotFound) => true,
            Self::Refused(code) => code.retry(),
            Self::TooLarge => false,
        }
    }
}
