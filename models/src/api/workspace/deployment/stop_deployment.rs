//! `POST /workspace/{workspace_id}/deployment/{deployment_id}/stop`

use macros::declare_api_endpoint;

use crate::{DeploymentId, WorkspaceId, deployment::Deployment};

declare_api_endpoint! {
    /// Stop a deployment.
    ///
    /// It remains stopped until it is started or deployed. A release that is not live yet is
    /// canceled.
    StopDeployment,
    POST "/workspace/{workspace_id}/deployment/{deployment_id}/stop" {
        /// The workspace that owns it.
        workspace_id: WorkspaceId,
        /// The deployment.
        deployment_id: DeploymentId,
    },
    permission = Deployment::Edit on workspace_id,
    rate = Writes,
    audit = "deployment.stop",
    response = 202 {
        /// The deployment after the change.
        deployment: Deployment,
    },
    errors = [DeploymentBeingDeleted],
}
