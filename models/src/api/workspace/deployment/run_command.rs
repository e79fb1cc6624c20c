//! `POST /workspace/{workspace_id}/deployment/{deployment_id}/command`

use macros::declare_api_endpoint;

use crate::{DeploymentId, InstanceId, WorkspaceId, exec::MAX_COMMAND, value::Argument};

/// The default time limit of a command, in milliseconds.
pub const DEFAULT_COMMAND_MS: u32 = 10_000;

/// The longest time limit of a command, in milliseconds.
pub const MAX_COMMAND_MS: u32 = 25_000;

/// The most bytes of a command's output that are kept.
pub const MAX_COMMAND_OUTPUT_BYTES: usize = 64 * 1024;

declare_api_endpoint! {
    /// Run a command in an instance and wait until it exits.
    ///
    /// It has no terminal and no input. The response contains the first 64 KiB of its output,
    /// and is sent when the command exits or its time limit is over.
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
        /// The program and its arguments, without a shell. A single text counts as one argument
        /// a line.
        #[garde(dive, length(min = 1, max = MAX_COMMAND))]
        #[serde(default, deserialize_with = "crate::value::lines")]
        command: Vec<Argument>,
        /// The instance; any running instance when left out.
        instance_id: Option<InstanceId>,
        /// The time limit in milliseconds, at most 25,000; 10,000 when left out.
        #[garde(range(min = 1, max = MAX_COMMAND_MS))]
        limit_ms: Option<u32>,
    },
    response = 200 {
        /// The instance in which it ran.
        instance_id: InstanceId,
        /// The exit code, 128 + n if signal n ended it; absent if it did not exit in time.
        code: Option<i64>,
        /// True if the kernel killed it because it ran out of memory.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        oom_killed: bool,
        /// The memory limit of its instance in MiB. Present if exceeding it killed the command.
        memory_limit_mib: Option<u32>,
        /// The lines of both output streams, as a terminal would show them.
        ///
        /// They contain no colors and other control characters. Invalid UTF-8 is replaced.
        output: String,
        /// True if it printed more than the response contains.
        truncated: bool,
    },
    errors = [CommandRefused, InstanceNotRunning, RunnerAway, RunnerElsewhere],
}
