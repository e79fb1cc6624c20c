//! Runners: the view of people, and the protocol between runner and server.
//!
//! The protocol is level-triggered. On connect, the server sends the whole desired state
//! ([`ServerFrame::DesiredState`]), and later only changes. The runner reports the observed
//! state. Every command carries the server's epoch and the workload's generation. A runner
//! refuses a command that is older than one it has seen, so repeated or late frames do no harm.
//!
//! Frames are JSON objects in WebSocket text messages, distinguished by `type`. A receiver
//! ignores unknown types. A different [`PROTOCOL_VERSION`] is refused.

mod credential;
mod exec;
mod frame;
mod info;
mod policy;
mod registration;
mod route;
mod spec;
mod stats;
mod tag;
mod workload;

use serde::{Deserialize, Serialize};

pub use credential::RegistryCredential;
pub use exec::OpenExec;
pub use frame::{
    Hello, LogBatch, LogEntry, ReleaseReport, RunReport, RunnerFrame, ServerFrame,
    WorkloadObservation,
};
pub use info::{AppFirewall, PlatformSupport, RunnerInfo};
pub use policy::{AppReach, HostPolicy, KEEP_REMOVED_DAYS, MAX_ALL_INSTANCES, MAX_DEPLOYMENTS};
pub use registration::{
    Registration, RegistrationFrame, RegistrationReply, RegistrationRequest, RegistrationState,
};
pub use route::{MAX_ROUTES, Route};
pub use spec::{Resolved, RunnerFile, RunnerSpec, RunnerVariable};
pub use stats::{MAX_SAMPLES_PER_FRAME, SAMPLE_INTERVAL_MS, StatsSample};
pub use tag::{TAG_POLL_INTERVAL_MS, TagReport, WatchedTag};
pub use workload::{Workload, WorkloadId, WorkloadNetwork, WorkloadRelease, WorkloadRun};

use crate::{RunnerId, WorkspaceId, time::Timestamp, value::ResourceName};

/// The major version of the protocol; both sides must speak the same one.
pub const PROTOCOL_VERSION: u16 = 2;

/// The time between two heartbeats of a runner, in milliseconds.
pub const HEARTBEAT_INTERVAL_MS: u64 = 10_000;

/// The time without any frame after which a link counts as dead, in milliseconds.
pub const LINK_TIMEOUT_MS: u64 = 30_000;

/// The largest frame that a runner accepts, in bytes. A larger one closes the link.
pub const MAX_SERVER_FRAME_BYTES: usize = 16 * 1024 * 1024;

/// The most memory for the unfinished parts of a desired state, in bytes.
///
/// It applies to all parts of a link together. A desired state that exceeds it closes the link.
pub const MAX_DESIRED_STATE_BYTES: usize = 64 * 1024 * 1024;

/// The largest frame that a server accepts from a runner, in bytes.
///
/// A larger one closes the link, so that no runner can fill the server's memory.
pub const MAX_RUNNER_FRAME_BYTES: usize = 1024 * 1024;

/// The most bytes of text in one [`LogEntry`]. Longer lines are split between characters.
pub const MAX_LOG_LINE_BYTES: usize = 256 * 1024;

/// The most volumes in one [`ServerFrame::RemoveVolumes`].
///
/// A frame with more closes the link, so that no server can fill a runner's memory with
/// replies.
pub const MAX_REMOVALS_PER_FRAME: usize = 1_000;

/// The most images in one [`ServerFrame::RetainImages`]. A frame with more closes the link.
pub const MAX_RETAINED_IMAGES: usize = 20_000;

/// A runner, as shown to people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Runner {
    /// The runner's id.
    pub runner_id: RunnerId,
    /// The workspace that it works for.
    pub workspace_id: WorkspaceId,
    /// Its name, unique in the workspace.
    pub name: ResourceName,
    /// True if its link is up.
    pub connected: bool,
    /// The address of its current or last connection; absent if it never connected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// The time of its connection, or of its last frame if it is away. Absent if it never
    /// connected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen_at: Option<Timestamp>,
    /// The runner's description of itself; absent until it first connects.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<RunnerInfo>,
    /// True if its apps answer under the dashboard's own host name over plain HTTP.
    ///
    /// Browsers then send the dashboard's session to these apps.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub shares_dashboard_host: bool,
    /// The number of its deployments.
    pub deployments: i64,
    /// The number of its volumes, including those in the trash.
    pub volumes: i64,
    /// The time at which it was registered.
    pub created_at: Timestamp,
}
