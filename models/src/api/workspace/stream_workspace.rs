//! `GET /workspace/{workspace_id}/stream`

use macros::declare_stream_endpoint;

use crate::{DeploymentId, EnrolmentId, RunnerId, WorkspaceId};

declare_stream_endpoint! {
    /// Follow what changes in a workspace.
    ///
    /// A message names what changed; its new state is read from the thing's own endpoint. The
    /// first message is `resync`, and so is one after which changes may have been missed.
    StreamWorkspace,
    GET "/workspace/{workspace_id}/stream" {
        /// The workspace.
        workspace_id: WorkspaceId,
    },
    permission = Workspace::View on workspace_id,
    rate = Reads,
    server_message = {
        /// Read everything again.
        Resync,
        /// A deployment was made, changed or deleted.
        DeploymentChanged {
            /// The deployment.
            deployment_id: DeploymentId,
        },
        /// A runner that asks to be registered was found, approved, refused or went away.
        EnrolmentChanged {
            /// The runner's request.
            enrolment_id: EnrolmentId,
        },
        /// A runner was made, changed, deleted, came or went.
        RunnerChanged {
            /// The runner.
            runner_id: RunnerId,
        },
    },
}
