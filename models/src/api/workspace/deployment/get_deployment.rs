//! `GET /workspace/{workspace_id}/deployment/{deployment_id}`

use macros::declare_api_endpoint;

use crate::{DeploymentId, WorkspaceId, deployment::Deployment};

declare_api_endpoint! {
    /// Get a deployment.
    ///
    /// Includes its newest release and its observed state.
    GetDeployment,
    GET "/workspace/{workspace_id}/deployment/{deployment_id}" {
        /// The workspace that owns it.
        workspace_id: WorkspaceId,
        /// The deployment.
        deployment_id: DeploymentId,
    },
    permission = Deployment::View on workspace_id,
    rate = Reads,
    response = 200 {
        /// The deployment.
        deployment: Deployment,
    },
}
