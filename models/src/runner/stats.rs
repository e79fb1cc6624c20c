//! Samples of what instances use.

use serde::{Deserialize, Serialize};

use crate::{DeploymentId, InstanceId, ReleaseId, deployment::Usage, time::Timestamp};

/// How often a runner measures each of its instances, in milliseconds.
pub const SAMPLE_INTERVAL_MS: u64 = 5_000;

/// The most samples of one frame, so that the largest one stays far below
/// [`MAX_RUNNER_FRAME_BYTES`](super::MAX_RUNNER_FRAME_BYTES).
pub const MAX_SAMPLES_PER_FRAME: usize = 1_000;

/// What one instance used since it was measured before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct StatsSample {
    /// The deployment that the instance belongs to.
    pub deployment_id: DeploymentId,
    /// The release that it is a copy of.
    pub release_id: ReleaseId,
    /// The instance.
    pub instance_id: InstanceId,
    /// When it was measured, by the clock of the runner's machine.
    pub at: Timestamp,
    /// What it used.
    #[serde(flatten)]
    pub usage: Usage,
}
