//! `GET /workspace/{workspace_id}/deployment/{deployment_id}/instance/{instance_id}/terminal`

use macros::declare_stream_endpoint;

use crate::{
    DeploymentId, InstanceId, WorkspaceId,
    error::ErrorCode,
    exec::MAX_COMMAND,
    value::{Argument, Base64},
};

declare_stream_endpoint! {
    /// Open a terminal into an instance.
    ///
    /// The program ends when the connection does.
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
        /// How many characters a line has; 80 when left out.
        #[garde(range(min = 1, max = 1_000))]
        columns: Option<u16>,
        /// How many lines there are; 24 when left out.
        #[garde(range(min = 1, max = 1_000))]
        rows: Option<u16>,
    },
    client_message = {
        /// Something was typed. No more than 64 KiB may be on their way: what is pasted waits until
        /// the server has taken what was sent before.
        Input {
            /// What was typed.
            bytes: Base64,
        },
        /// The terminal has another size.
        Resize {
            /// How many characters a line has, from 1 to 1,000.
            columns: u16,
            /// How many lines there are, from 1 to 1,000.
            rows: u16,
        },
        /// So much of the output was shown. No more than 64 KiB come that were not.
        Taken {
            /// How many bytes.
            bytes: u32,
        },
    },
    server_message = {
        /// The program printed something.
        Output {
            /// What it printed, with the terminal's own signs in it.
            bytes: Base64,
        },
        /// So much of what was typed was passed on; as much again may come.
        Taken {
            /// How many bytes.
            bytes: u32,
        },
        /// The program ended; the stream ends.
        Exited {
            /// Its exit code; 128 + n when signal n ended it.
            code: i64,
            /// True when the kernel killed it for want of memory.
            #[serde(default, skip_serializing_if = "std::ops::Not::not")]
            oom_killed: bool,
        },
        /// The terminal could not be opened, or was closed from this side; the stream ends.
        Refused {
            /// Why, for programs.
            code: ErrorCode,
            /// Why, for people.
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
