//! `GET /workspace/{workspace_id}/deployment/{deployment_id}/instance/{instance_id}/terminal`

use macros::declare_stream_endpoint;

use crate::{
    DeploymentId, InstanceId, WorkspaceId,
    error::ErrorCode,
    exec::MAX_COMMAND,
    value::{Argument, Base64},
};

declare_stream_endpoint! {
    /// Open a terminal in an instance.
    ///
    /// The program ends with the connection.
    OpenTerminal,
    GET "/workspace/{workspace_id}/deployment/{deployment_id}/instance/{instance_id}/terminal" {
        /// The workspace that owns the deployment.
        workspace_id: WorkspaceId,
        /// The deployment.
        deployment_id: DeploymentId,
        /// The instance, which must be running.
        instance_id: InstanceId,
    },
    permission = Deployment::Exec on workspace_id,
    rate = Writes,
    query = {
        /// The program and its arguments, one a line; `/bin/sh` when left out.
        #[garde(dive, length(max = MAX_COMMAND))]
        #[serde(default, deserialize_with = "crate::value::lines")]
        command: Vec<Argument>,
        /// The number of characters in a line; 80 when left out.
        #[garde(range(min = 1, max = 1_000))]
        columns: Option<u16>,
        /// The number of lines; 24 when left out.
        #[garde(range(min = 1, max = 1_000))]
        rows: Option<u16>,
    },
    client_message = {
        /// Input for the program.
        ///
        /// At most 64 KiB may be in flight: longer input waits until the server acknowledges
        /// earlier input.
        Input {
            /// The input.
            bytes: Base64,
        },
        /// The size of the terminal changed.
        Resize {
            /// The number of characters in a line, from 1 to 1,000.
            columns: u16,
            /// The number of lines, from 1 to 1,000.
            rows: u16,
        },
        /// Acknowledges output. At most 64 KiB of output is sent without acknowledgment.
        Taken {
            /// The number of acknowledged bytes.
            bytes: u32,
        },
    },
    server_message = {
        /// Output of the program.
        Output {
            /// The output, including the terminal's control sequences.
            bytes: Base64,
        },
        /// Acknowledges input; the client may send this much more.
        Taken {
            /// The number of acknowledged bytes.
            bytes: u32,
        },
        /// The program exited; the stream ends.
        Exited {
            /// The exit code; 128 + n if signal n ended it.
            code: i64,
            /// True if the kernel killed it because it ran out of memory.
            #[serde(default, skip_serializing_if = "std::ops::Not::not")]
            oom_killed: bool,
        },
        /// The terminal could not be opened, or the server closed it; the stream ends.
        Refused {
            /// The reason, for programs.
            code: ErrorCode,
            /// The reason, for people.
            message: String,
        },
    },
    errors = [
        CommandRefused,
        InstanceNotRunning,
        RunnerAway,
        RunnerElsewhere,
        TerminalIdle,
        TooManyTerminals,
    ],
}
