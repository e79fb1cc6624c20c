//! `POST /workspace/{workspace_id}/deployment/{deployment_id}/deploy`

use macros::declare_api_endpoint;

use crate::{DeploymentId, WorkspaceId, deployment::Deployment};

declare_api_endpoint! {
    /// Deploy: make a new release of what the settings say now.
    ///
    /// A release that is still on its way is superseded. A stopped deployment is started.
    DeployDeployment,
    POST "/workspace/{workspace_id}/deployment/{deployment_id}/deploy" {
        /// The workspace that owns it.
        workspace_id: WorkspaceId,
        /// The deployment.
        deployment_id: DeploymentId,
    },
    permission = Deployment::Edit on workspace_id,
    rate = Writes,
    audit = "deployment.deploy",
    response = 202 {
        /// The deployment as it is now.
        deployment: Deployment,
    },
    errors = [DeploymentBeingDeleted, RunnerTooSmall, ValidationFailed],
}
