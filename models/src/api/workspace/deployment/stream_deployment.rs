//! `GET /workspace/{workspace_id}/deployment/{deployment_id}/stream`

use macros::declare_stream_endpoint;

use crate::{DeploymentId, WorkspaceId, deployment::Deployment};

declare_stream_endpoint! {
    /// Follow a deployment.
    ///
    /// Each message is the whole state, the first one at once; nothing has to be caught up after a
    /// lost connection.
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
        /// How the deployment is now.
        State {
            /// The deployment, whole.
            deployment: Box<Deployment>,
        },
        /// The deployment is gone; the stream ends.
        Gone,
    },
}
