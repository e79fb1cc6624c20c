//! Resource usage of instances.

use serde::{Deserialize, Serialize};

use crate::{DeploymentId, InstanceId, ReleaseId, time::Timestamp};

/// The resource usage of one instance: rates over a short interval, and memory.
///
/// Memory is measured at the end of the interval.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Usage {
    /// Thousandths of a processor: 500 is half of one.
    pub cpu_millis: u64,
    /// Memory in use, without the system's file cache.
    pub memory_bytes: u64,
    /// Bytes received over the network.
    pub network_received_bytes_per_second: u64,
    /// Bytes sent over the network.
    pub network_sent_bytes_per_second: u64,
    /// Bytes read from disks.
    pub disk_read_bytes_per_second: u64,
    /// Bytes written to disks.
    pub disk_written_bytes_per_second: u64,
}

impl Usage {
    /// Applies a function to each number, in the order of the fields.
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

/// The resource usage of one instance over time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct StatsSeries {
    /// The instance.
    pub instance_id: InstanceId,
    /// The number of the release that it ran; absent if it is no longer known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub release_number: Option<i64>,
    /// One point for each interval with measurements, the oldest first.
    pub points: Vec<StatsPoint>,
}

/// The resource usage of an instance within one interval.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct StatsPoint {
    /// The start of the interval.
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
    /// The number of the release within its deployment, from 1.
    pub number: i64,
    /// The time at which it became live.
    pub at: Timestamp,
}

/// The resource usage of all instances of one deployment, at a low resolution.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DeploymentTrend {
    /// The deployment.
    pub deployment_id: DeploymentId,
    /// One point for each interval with measurements, the oldest first.
    pub points: Vec<TrendPoint>,
}

/// The resource usage of all instances of one deployment within one interval.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TrendPoint {
    /// The start of the interval.
    pub at: Timestamp,
    /// Thousandths of a processor, on average.
    pub cpu_millis: u64,
    /// Memory in use, on average.
    pub memory_bytes: u64,
}
