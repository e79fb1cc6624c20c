//! `POST /workspace/{workspace_id}/deployment/{deployment_id}/release/{release_id}/roll-back`

use macros::declare_api_endpoint;

use crate::{DeploymentId, ReleaseId, WorkspaceId, deployment::Deployment};

declare_api_endpoint! {
    /// Roll back: create a new release that repeats an older one.
    ///
    /// The deployment's settings become those of the older release too, so that the next deploy
    /// does not undo the roll back. Data in volumes is never rolled back.
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
        /// The deployment after the change.
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
