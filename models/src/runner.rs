//! Runners: how people see them, and the protocol that they speak with the server.
//!
//! The protocol is level-triggered. On connect the server sends everything that the runner should
//! make true ([`ServerFrame::DesiredState`]), later only what changed; the runner reports what it
//! sees. Every command carries the server's epoch and the workload's generation, and an older one
//! than was seen before is refused, so frames may come twice or late and do no harm.
//!
//! Frames are JSON objects in WebSocket text messages, told apart by `type`. A type that the
//! receiver does not know is ignored; another [`PROTOCOL_VERSION`] is refused.

mod credential;
mod enrolment;
mod exec;
mod frame;
mod info;
mod policy;
mod stats;
mod tag;
mod workload;

use serde::{Deserialize, Serialize};

pub use credential::RegistryCredential;
pub use enrolment::{Enrolment, EnrolmentAnswer, EnrolmentAsk, EnrolmentFrame, EnrolmentState};
pub use exec::OpenExec;
pub use frame::{
    Hello, LogBatch, LogEntry, ReleaseReport, RunnerFrame, ServerFrame, WorkloadObservation,
};
pub use info::{AppFence, PlatformStanding, RunnerInfo};
pub use policy::{AppReach, HostPolicy, KEEP_REMOVED_DAYS, MAX_ALL_INSTANCES, MAX_DEPLOYMENTS};
pub use stats::{MAX_SAMPLES_PER_FRAME, SAMPLE_INTERVAL_MS, StatsSample};
pub use tag::{LOOK_INTERVAL_MS, TagReport, WatchedTag};
pub use workload::{Workload, WorkloadRelease};

use crate::{RunnerId, WorkspaceId, time::Timestamp, value::ResourceName};

/// The major version of the protocol; both sides must speak the same one.
pub const PROTOCOL_VERSION: u16 = 1;

/// How often a runner shows that it is there, in milliseconds.
pub const HEARTBEAT_INTERVAL_MS: u64 = 10_000;

/// After this long without any frame a link counts as dead, in milliseconds.
pub const LINK_TIMEOUT_MS: u64 = 30_000;

/// The largest frame that a runner takes, in bytes. A link that brings a larger one is closed.
pub const MAX_SERVER_FRAME_BYTES: usize = 16 * 1024 * 1024;

/// The most memory that the unfinished parts of a desired state may take on a runner, all parts of a
/// link together, in bytes. A link that brings more is closed.
pub const MAX_DESIRED_STATE_BYTES: usize = 64 * 1024 * 1024;

/// The largest frame that a server takes from a runner, in bytes. A link that brings a larger one
/// is closed, so that no runner can make the server keep much in memory.
pub const MAX_RUNNER_FRAME_BYTES: usize = 1024 * 1024;

/// The most bytes of text in one [`LogEntry`]. Longer lines come in several, cut between characters.
pub const MAX_LOG_LINE_BYTES: usize = 256 * 1024;

/// The most volumes that one [`ServerFrame::RemoveVolumes`] names. A link that brings more is closed,
/// so that no server can fill a runner's memory with answers.
pub const MAX_REMOVALS_PER_FRAME: usize = 1_000;

/// The most images that one [`ServerFrame::KeepImages`] names. A link that brings more is closed.
pub const MAX_KEPT_IMAGES: usize = 20_000;

/// A runner, as people see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Runner {
    /// The runner's id.
    pub runner_id: RunnerId,
    /// The workspace that it works for.
    pub workspace_id: WorkspaceId,
    /// Its name, unique in the workspace.
    pub name: ResourceName,
    /// Whether it holds its link now.
    pub connected: bool,
    /// The address that it is connected from, or was last; absent when it never was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// Since when it is connected, or when it was last heard; absent when it never was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen_at: Option<Timestamp>,
    /// What it said of itself; absent until it connected once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<RunnerInfo>,
    /// Whether its apps answer under the dashboard's own host name over plain HTTP. Browsers then send
    /// these apps the session of whoever opens them.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub shares_dashboard_host: bool,
    /// How many deployments it runs.
    pub deployments: i64,
    /// How many volumes it keeps, those in the trash too.
    pub volumes: i64,
    /// When it was registered.
    pub created_at: Timestamp,
}
