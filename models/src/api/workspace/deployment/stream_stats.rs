//! `GET /workspace/{workspace_id}/deployment/{deployment_id}/stats/stream`

use macros::declare_stream_endpoint;

use crate::{DeploymentId, WorkspaceId};

declare_stream_endpoint! {
    /// Learn when a deployment's instances were measured.
    ///
    /// The numbers themselves are read with `GetStats`. At most one message comes in 5 seconds.
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
        /// There are new samples.
        Sampled,
        /// The deployment is gone; the stream ends.
        Gone,
    },
}
