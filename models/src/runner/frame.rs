//! The frames of the runner protocol.
//!
//! A frame of an unknown type is read as `Unknown`, so that a newer peer may send it.

use serde::{Deserialize, Serialize};

use super::{OpenExec, RunnerInfo, StatsSample, TagReport, Workload};
use crate::{
    DeploymentId, ExecId, InstanceId, ReleaseId, RunId, RunnerId, VolumeId,
    deployment::{
        Failure, ImageDescription, ImageSource, Instance, LastError, LogStream, Progress,
        ReleasePhase,
    },
    error::ErrorCode,
    exec::TerminalSize,
    run::{RunAttempt, RunPhase},
    time::Timestamp,
    value::{Base64, ImageDigest},
};

/// A frame from the server to a runner.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case", tag = "type")]
pub enum ServerFrame {
    /// The answer to [`RunnerFrame::Hello`]; the link stands.
    Welcome {
        /// The protocol's major version.
        protocol: u16,
        /// The runner's id, as the server knows it.
        runner_id: RunnerId,
        /// The fencing number of the link. It grows with each link that a server grants to this
        /// runner.
        ///
        /// The runner refuses commands of an epoch lower than the highest it has seen.
        epoch: i64,
    },
    /// The link is refused; the connection closes.
    Refused {
        /// The reason, for programs.
        code: ErrorCode,
        /// The reason, for people.
        message: String,
    },
    /// The desired state of all workloads. Workloads that it does not list should not exist.
    ///
    /// A state that does not fit into one frame is sent in parts, one right after the other.
    DesiredState {
        /// The epoch of the link.
        epoch: i64,
        /// The runner's workloads, or some of them when the state comes in parts.
        workloads: Vec<Workload>,
        /// True if another part follows.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        more: bool,
    },
    /// One workload changed.
    WorkloadChanged {
        /// The epoch of the link.
        epoch: i64,
        /// The new desired state of the workload.
        workload: Box<Workload>,
    },
    /// Remove these volumes with all their data. Report the result for each of them.
    ///
    /// The server repeats the request until the volumes are gone. The runner never removes a volume
    /// that is not listed here.
    RemoveVolumes {
        /// The epoch of the link.
        epoch: i64,
        /// The volumes, no more than [`super::MAX_REMOVALS_PER_FRAME`].
        volume_ids: Vec<VolumeId>,
    },
    /// The digests of images that a release may be rolled back to.
    ///
    /// The runner may remove other images that it pulled and that no desired workload references.
    RetainImages {
        /// The epoch of the link.
        epoch: i64,
        /// The digests, no more than [`super::MAX_RETAINED_IMAGES`].
        digests: Vec<ImageDigest>,
    },
    /// Log lines up to this batch are stored; the runner may drop its copies.
    LogsAcknowledged {
        /// The number of the batch.
        batch: u64,
    },
    /// Run a program inside an instance. It ends with the link.
    ExecOpen(Box<OpenExec>),
    /// Input for a program, within the credit that the runner granted.
    ExecInput {
        /// The program.
        exec_id: ExecId,
        /// The input.
        bytes: Base64,
    },
    /// The size of a program's terminal changed.
    ExecResize {
        /// The program.
        exec_id: ExecId,
        /// The new size.
        size: TerminalSize,
    },
    /// Credit for a program's output: the runner may send this many more bytes.
    ExecCredit {
        /// The program.
        exec_id: ExecId,
        /// The credit, in bytes.
        bytes: u32,
    },
    /// The program's client is gone. No further frames about the program are expected.
    ExecClose {
        /// The program.
        exec_id: ExecId,
    },
    /// A frame of a type that this version does not know.
    #[serde(other)]
    Unknown,
}

/// A frame from a runner to the server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case", tag = "type")]
pub enum RunnerFrame {
    /// The first frame of a link.
    Hello(Box<Hello>),
    /// The complete observed state. Workloads and instances that it does not list do not exist.
    Observed {
        /// Every deployment that has something on the runner.
        workloads: Vec<WorkloadObservation>,
    },
    /// The observed state of one deployment changed.
    ObservationChanged {
        /// The new observed state.
        workload: WorkloadObservation,
    },
    /// A release entered another phase or made progress.
    Release(ReleaseReport),
    /// A run entered another phase, made progress or ended.
    Run(RunReport),
    /// Everything of a deleted deployment was removed from the runner.
    Removed {
        /// The deployment.
        deployment_id: DeploymentId,
        /// The generation that requested the deletion.
        generation: i64,
    },
    /// A volume that the server asked to remove is gone.
    VolumeRemoved {
        /// The volume.
        volume_id: VolumeId,
    },
    /// A volume that the server asked to remove still exists, with its data.
    VolumeRemovalFailed {
        /// The volume.
        volume_id: VolumeId,
        /// The reason.
        failure: Failure,
    },
    /// A volume that should already exist on the host is missing. The runner starts nothing that
    /// mounts it, and reports it again with each try.
    VolumeLost {
        /// The volume.
        volume_id: VolumeId,
    },
    /// Lines that instances printed.
    Logs(LogBatch),
    /// Resource usage of instances. Best effort: lost samples are not sent again.
    Stats {
        /// One sample for each measured instance.
        samples: Vec<StatsSample>,
    },
    /// The result of asking a registry for a watched tag, changed or not.
    TagResolved(TagReport),
    /// Output of a program, within the credit that the server granted.
    ExecOutput {
        /// The program.
        exec_id: ExecId,
        /// The output.
        bytes: Base64,
    },
    /// Credit for a program's input: the server may send this many more bytes.
    ExecCredit {
        /// The program.
        exec_id: ExecId,
        /// The credit, in bytes.
        bytes: u32,
    },
    /// A program ended, and all its output was sent.
    ExecExited {
        /// The program.
        exec_id: ExecId,
        /// The exit code; 128 + n if signal n ended it.
        code: i64,
        /// True if the kernel killed it because it ran out of memory.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        oom_killed: bool,
    },
    /// A program could not be run, or the runner lost track of it.
    ExecRefused {
        /// The program.
        exec_id: ExecId,
        /// The reason.
        failure: Failure,
    },
    /// Proves only that the runner is alive.
    Heartbeat,
    /// A frame of a type that this version does not know.
    #[serde(other)]
    Unknown,
}

/// The first frame of a runner on a link.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Hello {
    /// The protocol's major version.
    pub protocol: u16,
    /// The runner's description of itself and its host.
    pub about: RunnerInfo,
}

/// The observed state of one deployment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct WorkloadObservation {
    /// The deployment.
    pub deployment_id: DeploymentId,
    /// The generation that the runner last acted on. Zero if it knows none, as after a restart.
    pub generation: i64,
    /// All existing instances.
    pub instances: Vec<Instance>,
    /// The last error outside a rollout; absent if there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<LastError>,
}

/// The progress of a rollout.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ReleaseReport {
    /// The deployment.
    pub deployment_id: DeploymentId,
    /// The release.
    pub release_id: ReleaseId,
    /// The current phase. Only the server sets `queued`, `cancelled` and `superseded`.
    pub phase: ReleasePhase,
    /// The progress within the phase.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub progress: Option<Progress>,
    /// The reason for the failure; present if `phase` is `failed`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<Failure>,
    /// The digest of the image; absent until it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image_digest: Option<ImageDigest>,
    /// The configuration of the image; absent until it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<Box<ImageDescription>>,
    /// The origin of the image; absent until it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image_source: Option<ImageSource>,
}

/// The observed state of a run.
///
/// The runner repeats it over each link until the server asks for the run's removal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RunReport {
    /// The run's deployment.
    pub deployment_id: DeploymentId,
    /// The run.
    pub run_id: RunId,
    /// The current phase. Only the server sets `queued` and `cancelled`.
    pub phase: RunPhase,
    /// The attempts that the runner knows of, the first one first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attempts: Vec<RunAttempt>,
    /// The progress within the phase.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub progress: Option<Progress>,
    /// The reason for the failure; present if `phase` is `failed`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<Failure>,
    /// The digest of the image; absent until it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image_digest: Option<ImageDigest>,
}

/// Log lines of one deployment, in the order in which they were printed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LogBatch {
    /// The number of the batch on this link, from 1.
    ///
    /// [`ServerFrame::LogsAcknowledged`] acknowledges it.
    pub batch: u64,
    /// The deployment.
    pub deployment_id: DeploymentId,
    /// The lines.
    pub lines: Vec<LogEntry>,
}

/// One log line of a batch.
///
/// `instance_id`, `at` and `ordinal` together are the line id, which names a line for good. A line
/// that is sent twice is stored once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LogEntry {
    /// The instance that printed it.
    pub instance_id: InstanceId,
    /// The time at which it was printed, by the clock of the runner's host.
    pub at: Timestamp,
    /// The line's number within the same instance and microsecond, from 0.
    pub ordinal: u32,
    /// The output stream.
    pub stream: LogStream,
    /// The printed text, without the line end.
    ///
    /// It has at most [`MAX_LOG_LINE_BYTES`](super::MAX_LOG_LINE_BYTES).
    pub text: String,
    /// True if the line was too long and continues in the next entry of its stream.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_cut: bool,
}
