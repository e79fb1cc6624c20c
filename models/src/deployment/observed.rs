//! Observed state: the last report of a runner, with its age. It is never a guess.

use serde::{Deserialize, Serialize};

use super::{LastError, PublishedPort};
use crate::{InstanceId, ReleaseId, time::Timestamp};

/// The observed state of one instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum InstanceState {
    /// The runner has not acted on it yet.
    Pending,
    /// The runner pulls its image.
    Pulling,
    /// It was started and is not verified yet.
    Starting,
    /// It runs.
    Running,
    /// It runs and fails its checks.
    Unhealthy,
    /// It was asked to stop.
    Stopping,
    /// It failed its liveness probe and was stopped; it is about to be restarted.
    Restarting,
    /// It exited.
    Exited {
        /// The exit code; 128 + n if signal n ended it.
        code: i64,
        /// True if the kernel killed it or one of its processes for lack of memory.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        oom_killed: bool,
    },
    /// It exited repeatedly; the runner waits before the next restart.
    CrashLoop {
        /// The last exit code.
        code: i64,
        /// True if the kernel last killed it, or one of its processes, for lack of memory.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        oom_killed: bool,
        /// The number of restarts.
        restarts: u32,
    },
}

/// One running copy of a release, as observed by its runner.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Instance {
    /// The instance's id.
    pub instance_id: InstanceId,
    /// The release that it runs.
    pub release_id: ReleaseId,
    /// Its state.
    #[serde(flatten)]
    pub state: InstanceState,
    /// The addresses of its published ports; empty if it publishes none.
    #[serde(
        default,
        deserialize_with = "crate::value::readable",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub ports: Vec<PublishedPort>,
    /// The time of its last start; absent if it was never started.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started_at: Option<Timestamp>,
    /// The reason for its exit or its failed checks. Absent once it has worked for a minute.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<LastError>,
}

impl Instance {
    /// Returns its HTTP URL, as `http://host:port` from the runner's own network.
    ///
    /// Returns `None` if it publishes no HTTP port.
    pub fn url(&self) -> Option<String> {
        PublishedPort::url(&self.ports)
    }
}

/// A one-word summary of all instances.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Summary {
    /// No runner has reported yet.
    Unknown,
    /// There are no instances, or none that run.
    Stopped,
    /// An instance is starting.
    Starting,
    /// At least one instance runs, and all that should run work.
    Running,
    /// An instance runs and fails its checks.
    Unhealthy,
    /// An instance is stopping.
    Stopping,
    /// An instance exited by itself.
    Crashed,
    /// An instance exits repeatedly.
    CrashLoop,
}

/// The freshness of an observation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Freshness {
    /// The runner is connected, so the observation is current.
    Live,
    /// The runner is away; the observation is the last one it sent.
    Stale,
}

/// The observed state of a deployment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Observed {
    /// A one-word summary of all instances.
    pub summary: Summary,
    /// The instances.
    pub instances: Vec<Instance>,
    /// The last error outside a rollout; absent once it is resolved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<LastError>,
    /// The freshness: live while the runner is connected, otherwise stale.
    pub freshness: Freshness,
    /// The time of the report. For a runner that is away, that of its last frame, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
}

impl Summary {
    /// Summarizes instances: the state that matters most to people wins.
    pub fn of(instances: &[Instance]) -> Self {
        instances
            .iter()
            .map(|instance| match instance.state {
                InstanceState::CrashLoop { .. } => (7, Self::CrashLoop),
                InstanceState::Unhealthy | InstanceState::Restarting => (6, Self::Unhealthy),
                InstanceState::Running => (5, Self::Running),
                InstanceState::Starting | InstanceState::Pulling | InstanceState::Pending => {
                    (4, Self::Starting)
                }
                InstanceState::Stopping => (3, Self::Stopping),
                InstanceState::Exited { code: 0, .. } => (1, Self::Stopped),
                InstanceState::Exited { .. } => (2, Self::Crashed),
            })
            .max_by_key(|(weight, _)| *weight)
            .map_or(Self::Stopped, |(_, summary)| summary)
    }
}
