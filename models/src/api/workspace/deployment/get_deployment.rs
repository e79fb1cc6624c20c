//! `GET /workspace/{workspace_id}/deployment/{deployment_id}`

use macros::declare_api_endpoint;

use crate::{DeploymentId, WorkspaceId, deployment::Deployment};

declare_api_endpoint! {
    /// Get a deployment.
    ///
    /// With its newest release and what its runner saw last.
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
        /// The deployment as it is now.
        deployment: Deployment,
    },
}
