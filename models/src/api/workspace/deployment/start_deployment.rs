//! `POST /workspace/{workspace_id}/deployment/{deployment_id}/start`

use macros::declare_api_endpoint;

use crate::{DeploymentId, WorkspaceId, deployment::Deployment};

declare_api_endpoint! {
    /// Start a stopped deployment.
    ///
    /// The live release runs again. A deployment that was never live gets a new release.
    StartDeployment,
    POST "/workspace/{workspace_id}/deployment/{deployment_id}/start" {
        /// The workspace that owns it.
        workspace_id: WorkspaceId,
        /// The deployment.
        deployment_id: DeploymentId,
    },
    permission = Deployment::Edit on workspace_id,
    rate = Writes,
    audit = "deployment.start",
    response = 202 {
        /// The deployment after the change.
        deployment: Deployment,
    },
    errors = [DeploymentBeingDeleted, RunnerTooSmall, ValidationFailed],
}
