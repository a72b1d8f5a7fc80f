//! Ends every watcher at once.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

/// Set once, at the end of the program. Clones are the same signal.
#[derive(Clone, Default)]
pub struct StopSignal(Arc<(Mutex<bool>, Condvar)>);

impl StopSignal {
    /// Ends the watchers.
    pub fn stop(&self) {
        *self.0.0.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.0.1.notify_all();
    }

    /// Waits for `time` at most; returns whether the watchers must end.
    #[must_use]
    pub fn wait(&self, time: Duration) -> bool {
        let stopped = self.0.0.lock().unwrap_or_else(PoisonError::into_inner);
        *self
            .0
            .1
            .wait_timeout_while(stopped, time, |stopped| !*stopped)
            .unwrap_or_else(PoisonError::into_inner)
            .0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_wakes_everybody() {
        let stop = StopSignal::default();
        assert!(!stop.wait(Duration::ZERO));
        let waiting = stop.clone();
        let waiter = std::thread::spawn(move || waiting.wait(Duration::from_secs(600)));
        stop.stop();
        assert!(waiter.join().unwrap());
    }
}
