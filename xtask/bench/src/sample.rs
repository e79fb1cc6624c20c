//! Repeated measurements of one thing.

use std::time::Duration;

use anyhow::{Result, ensure};

/// Measurements, in ascending order.
pub(super) struct Sample(Vec<Duration>);

impl Sample {
    /// Creates a sample.
    ///
    /// # Errors
    /// If there are no measurements.
    pub(super) fn new(mut values: Vec<Duration>) -> Result<Self> {
        ensure!(!values.is_empty(), "nothing was measured");
        values.sort_unstable();
        Ok(Self(values))
    }

    /// Returns the median: half of the measurements are at most this.
    pub(super) fn p50(&self) -> Duration {
        self.percentile(50)
    }

    /// Returns the 99th percentile; the maximum for fewer than a hundred measurements.
    pub(super) fn p99(&self) -> Duration {
        self.percentile(99)
    }

    /// Returns a percentile by nearest rank, which is always one of the measurements.
    fn percentile(&self, percent: usize) -> Duration {
        let rank = (self.0.len() * percent).div_ceil(100);
        self.0[rank.saturating_sub(1)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_of_the_nearest_rank() {
        let sample =
            |count| Sample::new((1..=count).rev().map(Duration::from_secs).collect()).unwrap();
        assert_eq!(sample(1).p50(), Duration::from_secs(1));
        assert_eq!(sample(10).p50(), Duration::from_secs(5));
        assert_eq!(sample(10).p99(), Duration::from_secs(10));
        assert_eq!(sample(200).p99(), Duration::from_secs(198));
        assert!(Sample::new(Vec::new()).is_err());
    }
}
