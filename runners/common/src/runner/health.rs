//! Verdicts of health checks that the platform runs.

use std::time::Duration;

/// The health check that an image brings and the platform runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Health {
    /// The present verdict.
    pub status: HealthStatus,
    /// The output of the last run that failed.
    pub output: CheckOutput,
    /// The number of failures in a row that make an instance unhealthy.
    pub retries: u32,
    /// The longest that it may take to say whether a new instance works: its start period, and as
    /// many runs as it takes to fail.
    pub limit: Duration,
}

/// The output of a run of a health check, or the reason why there is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CheckOutput {
    /// It printed this; empty when it printed nothing, or no run failed.
    Printed(String),
    /// It did not end within this time.
    TimedOut(Duration),
    /// Its command could not be run.
    NotRun,
}

impl Default for CheckOutput {
    fn default() -> Self {
        Self::Printed(String::new())
    }
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
