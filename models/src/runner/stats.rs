//! Samples of resource usage.

use serde::{Deserialize, Serialize};

use crate::{DeploymentId, InstanceId, ReleaseId, deployment::Usage, time::Timestamp};

/// The time between two measurements of an instance, in milliseconds.
pub const SAMPLE_INTERVAL_MS: u64 = 5_000;

/// The most samples in one frame.
///
/// It keeps the largest frame far below
/// [`MAX_RUNNER_FRAME_BYTES`](super::MAX_RUNNER_FRAME_BYTES).
pub const MAX_SAMPLES_PER_FRAME: usize = 1_000;

/// The resource usage of one instance since its previous measurement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct StatsSample {
    /// The deployment that the instance belongs to.
    pub deployment_id: DeploymentId,
    /// The release that the instance runs.
    pub release_id: ReleaseId,
    /// The instance.
    pub instance_id: InstanceId,
    /// The time of the measurement, by the clock of the runner's host.
    pub at: Timestamp,
    /// The resource usage.
    #[serde(flatten)]
    pub usage: Usage,
}
