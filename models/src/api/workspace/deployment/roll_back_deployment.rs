//! `POST /workspace/{workspace_id}/deployment/{deployment_id}/release/{release_id}/roll-back`

use macros::declare_api_endpoint;

use crate::{DeploymentId, ReleaseId, WorkspaceId, deployment::Deployment};

declare_api_endpoint! {
    /// Roll back: make a new release of exactly what an older one ran.
    ///
    /// The settings become those of that release too, so that the next deploy does not undo it. What is
    /// in volumes stays as it is: data is never rolled back.
    RollBackDeployment,
    POST "/workspace/{workspace_id}/deployment/{deployment_id}/release/{release_id}/roll-back" {
        /// The workspace that owns the deployment.
        workspace_id: WorkspaceId,
        /// The deployment.
        deployment_id: DeploymentId,
        /// The release.
        release_id: ReleaseId,
    },
    permission = Deployment::Edit on workspace_id,
    rate = Writes,
    audit = "deployment.roll_back",
    response = 202 {
        /// The deployment as it is now.
        deployment: Deployment,
    },
    errors = [
        DeploymentBeingDeleted,
        RunnerTooSmall,
        RunnerWithoutVolumes,
        SecretNotFound,
        VolumeInTrash,
        VolumeInUse,
        VolumeNotFound,
    ],
}
