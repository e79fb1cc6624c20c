//! `GET /workspace/{workspace_id}/deployment/{deployment_id}/stats/stream`

use macros::declare_stream_endpoint;

use crate::{DeploymentId, WorkspaceId};

declare_stream_endpoint! {
    /// Get notified of new measurements of a deployment's instances.
    ///
    /// Read the measurements with `GetStats`. At most one message is sent every 5 seconds.
    StreamStats,
    GET "/workspace/{workspace_id}/deployment/{deployment_id}/stats/stream" {
        /// The workspace that owns the deployment.
        workspace_id: WorkspaceId,
        /// The deployment.
        deployment_id: DeploymentId,
    },
    permission = Deployment::View on workspace_id,
    rate = Reads,
    server_message = {
        /// New measurements are available.
        Sampled,
        /// The deployment was removed; the stream ends.
        Gone,
    },
}
