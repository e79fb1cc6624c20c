//! `POST /workspace/{workspace_id}/deployment/{deployment_id}/command`

use macros::declare_api_endpoint;

use crate::{DeploymentId, InstanceId, WorkspaceId, exec::MAX_COMMAND, value::Argument};

/// How long a command may take when the caller does not say, in milliseconds.
pub const DEFAULT_COMMAND_MS: u32 = 10_000;

/// The longest that a command may take, in milliseconds.
pub const MAX_COMMAND_MS: u32 = 25_000;

/// So many bytes of what a command prints are kept at the most.
pub const MAX_COMMAND_OUTPUT_BYTES: usize = 64 * 1024;

declare_api_endpoint! {
    /// Run one command inside an instance and wait for its end.
    ///
    /// It has no terminal and no input. What it printed comes when it has ended or its time is
    /// over, the first 64 KiB of it.
    RunCommand,
    POST "/workspace/{workspace_id}/deployment/{deployment_id}/command" {
        /// The workspace that owns the deployment.
        workspace_id: WorkspaceId,
        /// The deployment.
        deployment_id: DeploymentId,
    },
    permission = Deployment::Exec on workspace_id,
    rate = Writes,
    audit = "deployment.command",
    request = {
        /// The program and its arguments; no shell reads them. A single text counts as one
        /// argument a line.
        #[garde(dive, length(min = 1, max = MAX_COMMAND))]
        #[serde(default, deserialize_with = "crate::value::lines")]
        command: Vec<Argument>,
        /// The instance; one that runs when left out.
        instance_id: Option<InstanceId>,
        /// How long it may take in milliseconds, at most 25,000; 10,000 when left out.
        #[garde(range(min = 1, max = MAX_COMMAND_MS))]
        limit_ms: Option<u32>,
    },
    response = 200 {
        /// The instance that it ran in.
        instance_id: InstanceId,
        /// Its exit code, 128 + n when signal n ended it; absent when it did not end in time.
        code: Option<i64>,
        /// True when the kernel killed it for want of memory.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        oom_killed: bool,
        /// The memory limit of its instance in MiB; there when it was killed at one.
        memory_limit_mib: Option<u32>,
        /// The lines that it printed on both streams, as a terminal would show them: without colours
        /// and other control characters. Bytes that are no UTF-8 are replaced.
        output: String,
        /// Whether it printed more than is here.
        truncated: bool,
    },
    errors = [CommandRefused, InstanceNotRunning, RunnerAway, RunnerElsewhere],
}
