//! Several measurements of the same thing.

use std::time::Duration;

use anyhow::{Result, ensure};

/// The measurements, the smallest first.
pub(super) struct Sample(Vec<Duration>);

impl Sample {
    /// # Errors
    /// When there is none.
    pub(super) fn new(mut values: Vec<Duration>) -> Result<Self> {
        ensure!(!values.is_empty(), "nothing was measured");
        values.sort_unstable();
        Ok(Self(values))
    }

    /// Half of them are at most this.
    pub(super) fn p50(&self) -> Duration {
        self.percentile(50)
    }

    /// All but one in a hundred are at most this; of fewer than a hundred, the largest.
    pub(super) fn p99(&self) -> Duration {
        self.percentile(99)
    }

    /// By the nearest rank, which is one of the measurements and nothing in between.
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
