//! Exponential backoff with jitter.

use std::time::Duration;

/// Counts consecutive failures and gives the pause before the next try.
#[derive(Clone, Debug)]
pub(crate) struct Backoff {
    first: Duration,
    max: Duration,
    failures: u32,
}

impl Backoff {
    pub(crate) const fn new(first: Duration, max: Duration) -> Self {
        Self {
            first,
            max,
            failures: 0,
        }
    }

    /// Returns the pause after one more failure: `first`, then doubled up to `max`.
    pub(crate) fn next(&mut self) -> Duration {
        let factor = 2_u32.saturating_pow(self.failures);
        self.failures = self.failures.saturating_add(1);
        self.first.saturating_mul(factor).min(self.max)
    }

    /// Resets the count of failures.
    pub(crate) const fn reset(&mut self) {
        self.failures = 0;
    }
}

/// Returns a random duration up to `longest` ("full jitter").
///
/// Runners that lost the same server at once do not all return at once.
pub(crate) fn jittered(longest: Duration) -> Duration {
    // Without randomness the full pause is still right, only less kind to the server.
    let share = getrandom::u32().unwrap_or(u32::MAX);
    longest.mul_f64(f64::from(share) / f64::from(u32::MAX))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Backoff, jittered};

    #[test]
    fn pauses_double_up_to_the_longest_one() {
        let mut backoff = Backoff::new(Duration::from_secs(1), Duration::from_mins(1));
        let pauses: Vec<u64> = (0..8).map(|_| backoff.next().as_secs()).collect();
        assert_eq!(pauses, [1, 2, 4, 8, 16, 32, 60, 60]);
        backoff.reset();
        assert_eq!(backoff.next(), Duration::from_secs(1));
    }

    #[test]
    fn a_very_long_series_of_failures_stays_at_the_longest_pause() {
        let mut backoff = Backoff::new(Duration::from_secs(1), Duration::from_mins(1));
        let last = (0..10_000).map(|_| backoff.next()).last();
        assert_eq!(last, Some(Duration::from_mins(1)));
    }

    #[test]
    fn jitter_stays_within_the_pause_and_varies() {
        let longest = Duration::from_mins(1);
        let drawn: Vec<Duration> = (0..32).map(|_| jittered(longest)).collect();
        assert!(drawn.iter().all(|pause| *pause <= longest));
        assert!(drawn.iter().any(|pause| *pause != drawn[0]));
    }
}
