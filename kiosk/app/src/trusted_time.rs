//! The time by which certificates are judged.
//!
//! A board's clock runs on a battery that may be empty, and may be set by whoever opens the case: set back, it makes a certificate
//! valid again that has long expired. So the time is never before what the cloud has said over mutual TLS, nor before what the
//! town has signed.

use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use rustls::time_provider::TimeProvider;
use rustls_pki_types::UnixTime;

use crate::durable_file;

/// How often the disk keeps it, in seconds: after a power cut, the time is at most this much too early.
const KEEP_EVERY: i64 = 3600;
/// How far the clock of whoever signs editions may be ahead.
const AHEAD: SignedDuration = SignedDuration::from_hours(24);

/// The machine's clock with a lower bound. Clones share it.
#[derive(Clone, Default)]
pub struct TrustedTime(Arc<Shared>);

#[derive(Default)]
struct Shared {
    /// Seconds since 1970.
    earliest: AtomicI64,
    /// Where it is kept, and what was kept last.
    kept: Mutex<Option<(PathBuf, i64)>>,
}

impl TrustedTime {
    /// With what `file` kept; a file that is not there or holds no time bounds nothing.
    #[must_use]
    pub fn open(file: PathBuf) -> Self {
        let kept: Option<i64> = fs::read_to_string(&file)
            .ok()
            .and_then(|text| text.trim().parse().ok());
        let kept = kept.unwrap_or(0);
        Self(Arc::new(Shared {
            earliest: AtomicI64::new(kept),
            kept: Mutex::new(Some((file, kept))),
        }))
    }

    /// The cloud says over mutual TLS that it is now so late.
    pub fn cloud_says(&self, now: Timestamp) {
        self.raise(now.as_second());
    }

    /// The town signed something that is in use at this time.
    pub fn signed(&self, at: Timestamp) {
        if let Ok(at) = at.checked_sub(AHEAD) {
            self.raise(at.as_second());
        }
    }

    /// Seconds since 1970.
    #[must_use]
    pub fn seconds(&self) -> i64 {
        let earliest = self.0.earliest.load(Ordering::Relaxed);
        Timestamp::now().as_second().max(earliest)
    }

    fn raise(&self, second: i64) {
        let before = self.0.earliest.fetch_max(second, Ordering::Relaxed);
        if second <= before {
            return;
        }
        let mut kept = self.0.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((file, last)) = kept
            .as_mut()
            .filter(|(_, last)| second - *last >= KEEP_EVERY)
        {
            match durable_file::replace(file, second.to_string().as_bytes()) {
                Ok(()) => *last = second,
                Err(error) => tracing::warn!(kind = "trusted-time", %error),
            }
        }
    }
}

impl std::fmt::Debug for TrustedTime {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "TrustedTime({})", self.seconds())
    }
}

impl TimeProvider for TrustedTime {
    fn current_time(&self) -> Option<UnixTime> {
        let seconds = u64::try_from(self.seconds()).ok()?;
        Some(UnixTime::since_unix_epoch(std::time::Duration::from_secs(
            seconds,
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_is_never_before_what_was_said_also_after_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("trusted-time");
        let time = TrustedTime::open(file.clone());
        let now = Timestamp::now();
        assert!(time.seconds() - now.as_second() < 60, "the machine's clock");
        let later = now + SignedDuration::from_hours(100);
        time.cloud_says(later);
        time.cloud_says(now);
        assert_eq!(time.seconds(), later.as_second());
        assert_eq!(TrustedTime::open(file.clone()).seconds(), later.as_second());
        time.signed(later + SignedDuration::from_hours(34));
        assert_eq!(time.seconds(), later.as_second() + 36_000, "a day less");
        fs::write(&file, "nonsense").unwrap();
        assert!(TrustedTime::open(file).seconds() < later.as_second());
    }
}
