//! `POST /workspace/{workspace_id}/deployment/{deployment_id}/restart`

use macros::declare_api_endpoint;

use crate::{DeploymentId, WorkspaceId, deployment::Deployment};

declare_api_endpoint! {
    /// Restart: create a new release with exactly the settings of the live one.
    ///
    /// The image, the environment and everything else come from the live release, even if the
    /// settings have changed since. New instances replace the old ones once they work.
    RestartDeployment,
    POST "/workspace/{workspace_id}/deployment/{deployment_id}/restart" {
        /// The workspace that owns the deployment.
        workspace_id: WorkspaceId,
        /// The deployment.
        deployment_id: DeploymentId,
    },
    permission = Deployment::Edit on workspace_id,
    rate = Writes,
    audit = "deployment.restart",
    response = 202 {
        /// The deployment after the change.
        deployment: Deployment,
    },
    errors = [DeploymentBeingDeleted, DeploymentNeverLive, RunnerTooSmall],
}
