//! The frames of the runner protocol.

use serde::{Deserialize, Serialize};

use super::{OpenExec, RunnerInfo, StatsSample, TagReport, Workload};
use crate::{
    DeploymentId, ExecId, InstanceId, ReleaseId, RunnerId, VolumeId,
    deployment::{
        Failure, ImageDescription, ImageSource, Instance, LastError, LogStream, Progress,
        ReleasePhase,
    },
    error::ErrorCode,
    exec::TerminalSize,
    time::Timestamp,
    value::Base64,
};

/// What the server sends to a runner.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case", tag = "type")]
pub enum ServerFrame {
    /// The answer to [`RunnerFrame::Hello`]; the link stands.
    Welcome {
        /// The protocol's major version.
        protocol: u16,
        /// Who the runner is to the server.
        runner_id: RunnerId,
        /// Grows with every link that a server grants to this runner; a command of a lower epoch
        /// than the highest one seen is refused.
        epoch: i64,
    },
    /// The link is refused; the connection closes.
    Refused {
        /// Why, for programs.
        code: ErrorCode,
        /// Why, for people.
        message: String,
    },
    /// Everything that should be true. What is not in it should not be there.
    ///
    /// What does not fit into one frame comes in several, one right after the other.
    DesiredState {
        /// The epoch of the link.
        epoch: i64,
        /// Every workload of the runner, or some of them.
        workloads: Vec<Workload>,
        /// Whether another part follows.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        more: bool,
    },
    /// One workload changed.
    WorkloadChanged {
        /// The epoch of the link.
        epoch: i64,
        /// The workload as it should be now.
        workload: Box<Workload>,
    },
    /// Remove these volumes with all their data, and say of each what became of it. They are asked for
    /// again until they are gone; one that is not named here is never removed.
    RemoveVolumes {
        /// The epoch of the link.
        epoch: i64,
        /// The volumes, no more than [`super::MAX_REMOVALS_PER_FRAME`].
        volume_ids: Vec<VolumeId>,
    },
    /// Images of these digests are those that a release may be rolled back to. Others that the runner
    /// pulled, and that nothing which should run refers to, may be removed from its machine.
    KeepImages {
        /// The epoch of the link.
        epoch: i64,
        /// The digests, no more than [`super::MAX_KEPT_IMAGES`].
        digests: Vec<String>,
    },
    /// The log lines up to this batch are kept; the runner may forget them.
    LogsKept {
        /// The batch's own number.
        batch: u64,
    },
    /// Run a program inside an instance. It lives no longer than this link.
    ExecOpen(Box<OpenExec>),
    /// Input for a program, within the credit that the runner gave.
    ExecInput {
        /// The program.
        exec_id: ExecId,
        /// What is typed.
        bytes: Base64,
    },
    /// A program's terminal has another size.
    ExecResize {
        /// The program.
        exec_id: ExecId,
        /// The size.
        size: TerminalSize,
    },
    /// So much of a program's output was taken; the runner may send as much again.
    ExecCredit {
        /// The program.
        exec_id: ExecId,
        /// How many bytes.
        bytes: u32,
    },
    /// Nobody waits for a program any more. Nothing is said of it from now on.
    ExecClose {
        /// The program.
        exec_id: ExecId,
    },
    /// A frame of a type that this version does not know.
    #[serde(other)]
    Unknown,
}

/// What a runner sends to the server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case", tag = "type")]
pub enum RunnerFrame {
    /// The first frame of a link.
    Hello(Box<Hello>),
    /// All that the runner sees; what is not in it is not there.
    Observed {
        /// Every deployment of which the runner sees something.
        workloads: Vec<WorkloadObservation>,
    },
    /// What the runner sees of one deployment changed.
    ObservationChanged {
        /// What it sees now.
        workload: WorkloadObservation,
    },
    /// A release moved on.
    Release(ReleaseReport),
    /// A deleted deployment left nothing behind on the runner.
    Removed {
        /// The deployment.
        deployment_id: DeploymentId,
        /// The generation that asked for the deletion.
        generation: i64,
    },
    /// A volume that was to be removed is not there any more.
    VolumeRemoved {
        /// The volume.
        volume_id: VolumeId,
    },
    /// A volume that was to be removed is still there, and its data with it.
    VolumeKept {
        /// The volume.
        volume_id: VolumeId,
        /// Why.
        failure: Failure,
    },
    /// A volume that should be on the machine already is not there. Nothing that mounts it is
    /// started; said again with each try.
    VolumeLost {
        /// The volume.
        volume_id: VolumeId,
    },
    /// Lines that instances printed.
    Logs(LogBatch),
    /// What instances use. Best effort: what is lost is not sent again.
    Stats {
        /// One for each instance that was measured.
        samples: Vec<StatsSample>,
    },
    /// A registry was asked what a watched tag means, whether there is news or not.
    TagLooked(TagReport),
    /// A program printed something, within the credit that the server gave.
    ExecOutput {
        /// The program.
        exec_id: ExecId,
        /// What it printed.
        bytes: Base64,
    },
    /// So much of the input was taken; the server may send as much again.
    ExecCredit {
        /// The program.
        exec_id: ExecId,
        /// How many bytes.
        bytes: u32,
    },
    /// A program ended, and all that it printed was sent.
    ExecExited {
        /// The program.
        exec_id: ExecId,
        /// Its exit code; 128 + n when signal n ended it.
        code: i64,
        /// True when the kernel killed it for want of memory.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        oom_killed: bool,
    },
    /// A program could not be run, or was lost.
    ExecRefused {
        /// The program.
        exec_id: ExecId,
        /// Why.
        failure: Failure,
    },
    /// Nothing new; the runner is there.
    Heartbeat,
    /// A frame of a type that this version does not know.
    #[serde(other)]
    Unknown,
}

/// How a runner introduces itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Hello {
    /// The protocol's major version.
    pub protocol: u16,
    /// What the runner says of itself.
    pub about: RunnerInfo,
}

/// What a runner sees of one deployment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct WorkloadObservation {
    /// The deployment.
    pub deployment_id: DeploymentId,
    /// The generation that the runner has worked on; zero when it knows none, as after a restart.
    pub generation: i64,
    /// Every instance there is.
    pub instances: Vec<Instance>,
    /// The last error outside an attempt at a release.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<LastError>,
}

/// Where a release is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ReleaseReport {
    /// The deployment.
    pub deployment_id: DeploymentId,
    /// The release.
    pub release_id: ReleaseId,
    /// Where it is; never `queued`, `cancelled` or `superseded`, which are the server's to say.
    pub phase: ReleasePhase,
    /// How far the phase is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub progress: Option<Progress>,
    /// Why it failed; there when `phase` is `failed`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<Failure>,
    /// The digest of the image, once it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image_digest: Option<String>,
    /// The facts of the image, once they are known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<Box<ImageDescription>>,
    /// The place that the image came from, once it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image_source: Option<ImageSource>,
}

/// Lines of one deployment, in the order in which they were printed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LogBatch {
    /// Counts the batches of this link from 1; named in [`ServerFrame::LogsKept`].
    pub batch: u64,
    /// The deployment.
    pub deployment_id: DeploymentId,
    /// The lines.
    pub lines: Vec<LogEntry>,
}

/// One line of a batch. The three fields `instance_id`, `at`, `ordinal` name a line for good, so
/// that one sent twice is kept once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LogEntry {
    /// The instance that printed it.
    pub instance_id: InstanceId,
    /// When it was printed, by the clock of the runner's machine.
    pub at: Timestamp,
    /// Counts the lines of this instance within the same microsecond from 0.
    pub ordinal: u32,
    /// Where it was printed.
    pub stream: LogStream,
    /// The text that was printed, without the line's end; no more than
    /// [`MAX_LOG_LINE_BYTES`](super::MAX_LOG_LINE_BYTES).
    pub text: String,
    /// Whether the line was too long and goes on in the next entry of its stream.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_cut: bool,
}
