//! How long to wait before trying again: doubling, with jitter, so that a town hall full of kiosks does not come back in step.

use std::time::Duration;

/// The waits between attempts.
pub struct Backoff {
    first: Duration,
    most: Duration,
    tries: u32,
}

impl Backoff {
    /// Waits that begin near `first` and stay below `most`.
    #[must_use]
    pub fn new(first: Duration, most: Duration) -> Self {
        Self {
            first,
            most,
            tries: 0,
        }
    }

    /// The next wait, between half and the whole of the doubled time; `random` is any number.
    pub fn next(&mut self, random: u32) -> Duration {
        let whole = self
            .first
            .saturating_mul(1 << self.tries.min(20))
            .min(self.most);
        self.tries = self.tries.saturating_add(1);
        let half = whole / 2;
        half + half.mul_f64(f64::from(random) / f64::from(u32::MAX))
    }

    /// After a success: the next wait is the shortest again.
    pub fn reset(&mut self) {
        self.tries = 0;
    }
}

/// A number from the system's generator; zero if that fails, which only costs the jitter.
#[must_use]
pub fn random() -> u32 {
    let mut bytes = [0; 4];
    let _ = aws_lc_rs::rand::fill(&mut bytes);
    u32::from_ne_bytes(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubles_up_to_the_most_and_starts_again() {
        let mut backoff = Backoff::new(Duration::from_secs(1), Duration::from_secs(60));
        let waits: Vec<u64> = (0..9).map(|_| backoff.next(u32::MAX).as_secs()).collect();
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 60, 60, 60]);
        backoff.reset();
        assert_eq!(
            backoff.next(0),
            Duration::from_millis(500),
            "half of it is the least"
        );
    }
}
