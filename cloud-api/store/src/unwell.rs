//! What keeps a database from keeping what is written, and what is remembered of the last look at it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8};
use std::time::Instant;

use tokio::sync::Mutex;

use crate::StoreError;

/// What keeps a database from keeping what is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Unwell {
    /// Somebody else holds the write lock.
    Locked,
    /// There is no room.
    Full,
    /// The path names another file than the one that is open, or none: what is written now would be lost.
    Replaced,
    /// A page is damaged.
    Corrupt,
    /// The disk refuses.
    Unwritable,
    /// It can be read only.
    ReadOnly,
    /// It does not answer.
    Away,
}

impl Unwell {
    /// As `/healthz` says it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Locked => "locked",
            Self::Full => "full",
            Self::Replaced => "replaced",
            Self::Corrupt => "corrupt",
            Self::Unwritable => "unwritable",
            Self::ReadOnly => "read_only",
            Self::Away => "away",
        }
    }

    /// What an error of the store means for its health.
    #[must_use]
    pub fn of(error: &StoreError) -> Self {
        match error {
            StoreError::Busy | StoreError::Locked => Self::Locked,
            StoreError::Full => Self::Full,
            StoreError::Replaced(_) => Self::Replaced,
            StoreError::Corrupt(_) => Self::Corrupt,
            StoreError::Unwritable(_) => Self::Unwritable,
            StoreError::ReadOnly => Self::ReadOnly,
            _ => Self::Away,
        }
    }
}

/// When a check began, and what it found.
type Found = (Instant, Result<(), Unwell>);

/// What is remembered between two checks.
#[derive(Clone, Default)]
pub(crate) struct Checks {
    /// The last check.
    pub(crate) last: Arc<Mutex<Option<Found>>>,
    pub(crate) times: Arc<AtomicU8>,
    pub(crate) damaged: Arc<AtomicBool>,
    /// When the next search may begin.
    pub(crate) next: Arc<Mutex<Option<Instant>>>,
}
