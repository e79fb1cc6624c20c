//! `GET /workspace/{workspace_id}/stream`

use macros::declare_stream_endpoint;

use crate::{DeploymentId, RegistrationId, RunnerId, WorkspaceId};

declare_stream_endpoint! {
    /// Follow the changes in a workspace.
    ///
    /// A message names the changed resource; read its new state from its own endpoint. The
    /// first message is `resync`. Another `resync` follows whenever changes may have been
    /// missed.
    StreamWorkspace,
    GET "/workspace/{workspace_id}/stream" {
        /// The workspace.
        workspace_id: WorkspaceId,
    },
    permission = Workspace::View on workspace_id,
    rate = Reads,
    server_message = {
        /// Read all resources again.
        Resync,
        /// A deployment was created, changed or deleted.
        DeploymentChanged {
            /// The deployment.
            deployment_id: DeploymentId,
        },
        /// A runner's registration request was found, approved, denied or withdrawn.
        RegistrationChanged {
            /// The registration request.
            registration_id: RegistrationId,
        },
        /// A runner was created, changed or deleted, or it connected or disconnected.
        RunnerChanged {
            /// The runner.
            runner_id: RunnerId,
        },
    },
}
