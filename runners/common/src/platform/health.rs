//! Results of health checks that the platform runs.

use std::time::Duration;

/// The health check that an image declares and the platform runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Health {
    /// Current status.
    pub status: HealthStatus,
    /// Output of the last run that failed.
    pub output: CheckOutput,
    /// Number of consecutive failures that make an instance unhealthy.
    pub retries: u32,
    /// Longest time until a new instance is healthy or unhealthy.
    ///
    /// It is the start period, plus as many runs as it takes to fail.
    pub limit: Duration,
}

/// Output of a run of a health check, or the reason why there is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CheckOutput {
    /// The output; empty when it printed nothing, or no run failed.
    Printed(String),
    /// The run did not end within this time.
    TimedOut(Duration),
    /// The command could not be run.
    NotRun,
}

impl Default for CheckOutput {
    fn default() -> Self {
        Self::Printed(String::new())
    }
}

/// Status of a health check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HealthStatus {
    /// No result yet.
    Starting,
    /// The instance works.
    Healthy,
    /// The check failed too often in a row.
    Unhealthy,
}
