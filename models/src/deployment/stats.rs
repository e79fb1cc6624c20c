//! What instances use of their machine.

use serde::{Deserialize, Serialize};

use crate::{DeploymentId, InstanceId, ReleaseId, time::Timestamp};

/// What one instance uses: rates over a short while, and memory at its end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Usage {
    /// Thousandths of a processor: 500 is half of one.
    pub cpu_millis: u64,
    /// Memory in use, without what the system keeps of files.
    pub memory_bytes: u64,
    /// What arrives over the network.
    pub network_received_bytes_per_second: u64,
    /// What leaves over the network.
    pub network_sent_bytes_per_second: u64,
    /// What is read from disks.
    pub disk_read_bytes_per_second: u64,
    /// What is written to disks.
    pub disk_written_bytes_per_second: u64,
}

impl Usage {
    /// The same numbers in the order of the fields, by one change for all.
    #[must_use]
    pub fn map(self, change: impl Fn(u64) -> u64) -> Self {
        Self {
            cpu_millis: change(self.cpu_millis),
            memory_bytes: change(self.memory_bytes),
            network_received_bytes_per_second: change(self.network_received_bytes_per_second),
            network_sent_bytes_per_second: change(self.network_sent_bytes_per_second),
            disk_read_bytes_per_second: change(self.disk_read_bytes_per_second),
            disk_written_bytes_per_second: change(self.disk_written_bytes_per_second),
        }
    }
}

/// What one instance used over time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct StatsSeries {
    /// The instance.
    pub instance_id: InstanceId,
    /// The number of the release that it is a copy of; absent when that is not known any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub release_number: Option<i64>,
    /// One point for each while in which it was measured, the oldest first.
    pub points: Vec<StatsPoint>,
}

/// What an instance used within one while.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct StatsPoint {
    /// When the while began.
    pub at: Timestamp,
    /// The average of each number.
    pub average: Usage,
    /// The highest of each number.
    pub maximum: Usage,
}

/// A release that became live.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ReleaseMarker {
    /// The release.
    pub release_id: ReleaseId,
    /// Counts the deployment's releases from 1.
    pub number: i64,
    /// When it became live.
    pub at: Timestamp,
}

/// What all instances of one deployment used over time, in outline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DeploymentTrend {
    /// The deployment.
    pub deployment_id: DeploymentId,
    /// One point for each while in which something was measured, the oldest first.
    pub points: Vec<TrendPoint>,
}

/// What all instances of one deployment used together within one while.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TrendPoint {
    /// When the while began.
    pub at: Timestamp,
    /// Thousandths of a processor, on average.
    pub cpu_millis: u64,
    /// Memory in use, on average.
    pub memory_bytes: u64,
}
