//! `DELETE /workspace/{workspace_id}/deployment/{deployment_id}`

use macros::declare_api_endpoint;

use crate::{DeploymentId, WorkspaceId, deployment::Deployment};

declare_api_endpoint! {
    /// Delete a deployment.
    ///
    /// It is gone once its runner has removed everything. While the runner is away, it remains,
    /// marked as deleted.
    DeleteDeployment,
    DELETE "/workspace/{workspace_id}/deployment/{deployment_id}" {
        /// The workspace that owns it.
        workspace_id: WorkspaceId,
        /// The deployment.
        deployment_id: DeploymentId,
    },
    permission = Deployment::Delete on workspace_id,
    rate = Writes,
    audit = "deployment.delete",
    response = 202 {
        /// The deployment after the change.
        deployment: Deployment,
    },
}
