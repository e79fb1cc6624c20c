//! `POST /workspace/{workspace_id}/deployment/{deployment_id}/deploy`

use macros::declare_api_endpoint;

use crate::{DeploymentId, WorkspaceId, deployment::Deployment};

declare_api_endpoint! {
    /// Deploy: create a new release from the current settings.
    ///
    /// It supersedes a release that is not live yet, and starts a stopped deployment.
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
        /// The deployment after the change.
        deployment: Deployment,
    },
    errors = [DeploymentBeingDeleted, RunnerTooSmall, ValidationFailed],
}
