//! Why a pull changed nothing.

use std::path::PathBuf;

use cloud_store::StoreError;
use thiserror::Error;

use super::super::import::ImportError;

/// Why a pull changed nothing. No variant repeats an address or anything of a person.
#[derive(Debug, Error)]
pub enum PullError {
    /// A file that the settings name.
    #[error("{path}: {source}")]
    Secret {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// No HTTP client.
    #[error("pull: the client cannot start")]
    Client,
    /// No connection, or none in time.
    #[error("pull: the server cannot be reached")]
    Unreachable,
    /// The server says nothing for longer than `timeout_ms`.
    #[error("pull: no answer in time")]
    Slow,
    /// The token endpoint gives none.
    #[error("pull: no access token: {0}")]
    Token(String),
    /// A status that this interface does not know.
    #[error("pull: status {0}")]
    Status(u16),
    /// More than `most_mib`.
    #[error("pull: the answer is larger than {0} MiB")]
    TooLarge(u64),
    /// What came cannot be taken in.
    #[error("pull: {0}")]
    Import(#[from] ImportError),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Of a request that got no answer.
pub(super) fn classify(error: &reqwest::Error) -> PullError {
    match error.is_timeout() {
        true => PullError::Slow,
        false => PullError::Unreachable,
    }
}
