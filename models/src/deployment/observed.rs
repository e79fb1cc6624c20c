//! What a runner saw, with its age: never a guess, never a wish.

use serde::{Deserialize, Serialize};

use super::{LastError, PublishedPort};
use crate::{InstanceId, ReleaseId, time::Timestamp};

/// The state of one instance, as its runner saw it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum InstanceState {
    /// Nothing was done for it yet.
    Pending,
    /// Its image is on the way.
    Pulling,
    /// It was started and did not show yet that it works.
    Starting,
    /// It runs.
    Running,
    /// It runs and does not answer as it should.
    Unhealthy,
    /// It was asked to stop.
    Stopping,
    /// It failed its liveness probe and was ended; it is about to be started again.
    Restarting,
    /// It ended.
    Exited {
        /// Its exit code; 128 + n when signal n ended it.
        code: i64,
        /// True when the kernel killed it, or a process of it, for want of memory.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        oom_killed: bool,
    },
    /// It ended again and again; the runner waits before the next try.
    CrashLoop {
        /// The last exit code.
        code: i64,
        /// True when the kernel killed it, or a process of it, for want of memory the last time.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        oom_killed: bool,
        /// How often it was restarted.
        restarts: u32,
    },
}

/// One copy of a release, as its runner saw it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Instance {
    /// The instance's id.
    pub instance_id: InstanceId,
    /// The release that it is a copy of.
    pub release_id: ReleaseId,
    /// Its state.
    #[serde(flatten)]
    pub state: InstanceState,
    /// Where each of its ports can be reached; empty when it publishes none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ports: Vec<PublishedPort>,
    /// When it was started; absent when it never was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started_at: Option<Timestamp>,
    /// The reason why it ended or does not work; absent once it has worked for a minute.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<LastError>,
}

impl Instance {
    /// Where it answers HTTP, as `http://host:port` that can be reached from the runner's own
    /// network; none when it does not.
    pub fn url(&self) -> Option<String> {
        PublishedPort::url(&self.ports)
    }
}

/// All instances in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Summary {
    /// No runner has said anything yet.
    Unknown,
    /// There is no instance, or none that runs.
    Stopped,
    /// An instance is on its way up.
    Starting,
    /// At least one instance runs, and none that should is broken.
    Running,
    /// Something runs and does not answer as it should.
    Unhealthy,
    /// An instance is on its way down.
    Stopping,
    /// It ended by itself.
    Crashed,
    /// It ends again and again.
    CrashLoop,
}

/// How old an observation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Freshness {
    /// The runner is connected: this is how it is now.
    Live,
    /// The runner is away: this is how it was when it was last heard.
    Stale,
}

/// What is known of a deployment's instances.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Observed {
    /// All instances in one word.
    pub summary: Summary,
    /// Each instance.
    pub instances: Vec<Instance>,
    /// The last error outside an attempt at a release; absent when it is over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<LastError>,
    /// Whether the runner that saw this is still there.
    pub freshness: Freshness,
    /// When the runner said so, or was last heard when it is away; absent when it never was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
}

impl Summary {
    /// Sums instances up: the state that a person most needs to know wins.
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
