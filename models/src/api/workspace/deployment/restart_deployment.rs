//! `POST /workspace/{workspace_id}/deployment/{deployment_id}/restart`

use macros::declare_api_endpoint;

use crate::{DeploymentId, WorkspaceId, deployment::Deployment};

declare_api_endpoint! {
    /// Restart: make a new release of exactly what is live.
    ///
    /// Image, environment and everything else are those of the live release, whatever the settings
    /// say by now. New instances take over from the old ones once they work.
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
        /// The deployment as it is now.
        deployment: Deployment,
    },
    errors = [DeploymentBeingDeleted, DeploymentNeverLive, RunnerTooSmall],
}
