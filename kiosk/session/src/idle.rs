//! How long nobody did anything, and how long the world has been working.

use jiff::Timestamp;

/// The two waits of a visit.
pub(crate) struct Idle {
    since: Timestamp,
    working_since: Timestamp,
}

impl Idle {
    pub(crate) fn since(now: Timestamp) -> Self {
        Self {
            since: now,
            working_since: now,
        }
    }

    /// Somebody did something.
    pub(crate) fn activity(&mut self, now: Timestamp) {
        self.since = now;
    }

    /// The world began or finished a piece of work; the resident could do nothing meanwhile.
    pub(crate) fn work(&mut self, now: Timestamp) {
        self.since = now;
        self.working_since = now;
    }

    /// Seconds without any activity.
    pub(crate) fn seconds(&self, now: Timestamp) -> i64 {
        now.as_second() - self.since.as_second()
    }

    /// Seconds since the world began to work.
    pub(crate) fn working_seconds(&self, now: Timestamp) -> i64 {
        now.as_second() - self.working_since.as_second()
    }

    /// A clock that was set back must not make the wait longer than it is.
    pub(crate) fn check_clock(&mut self, now: Timestamp) {
        self.since = self.since.min(now);
        self.working_since = self.working_since.min(now);
    }
}
