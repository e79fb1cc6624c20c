//! Verdicts of health checks that the platform runs.

use std::time::Duration;

/// The health check that an image brings and the platform runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Health {
    /// The present verdict.
    pub status: HealthStatus,
    /// The output of the last run that failed; empty when none did, or it printed nothing.
    pub output: String,
    /// The number of failures in a row that make an instance unhealthy.
    pub retries: u32,
    /// The longest that it may take to say whether a new instance works: its start period, and as
    /// many runs as it takes to fail.
    pub limit: Duration,
}

/// The verdict of a health check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HealthStatus {
    /// It cannot say yet.
    Starting,
    /// The instance works.
    Healthy,
    /// It failed too often in a row.
    Unhealthy,
}
