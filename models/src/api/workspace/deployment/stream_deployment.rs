//! `GET /workspace/{workspace_id}/deployment/{deployment_id}/stream`

use macros::declare_stream_endpoint;

use crate::{DeploymentId, WorkspaceId, deployment::Deployment};

declare_stream_endpoint! {
    /// Follow a deployment.
    ///
    /// Each message contains the whole state, and the first one is sent immediately. A client
    /// that lost its connection has nothing to catch up on.
    StreamDeployment,
    GET "/workspace/{workspace_id}/deployment/{deployment_id}/stream" {
        /// The workspace that owns it.
        workspace_id: WorkspaceId,
        /// The deployment.
        deployment_id: DeploymentId,
    },
    permission = Deployment::View on workspace_id,
    rate = Reads,
    server_message = {
        /// The current state.
        State {
            /// The deployment with its settings and state.
            deployment: Box<Deployment>,
        },
        /// The deployment was removed; the stream ends.
        Gone,
    },
}
