//! `POST /workspace/{workspace_id}/deployment/{deployment_id}/release/{release_id}/cancel`

use macros::declare_api_endpoint;

use crate::{DeploymentId, ReleaseId, WorkspaceId, deployment::Deployment};

declare_api_endpoint! {
    /// Take a release back that is on its way.
    ///
    /// What was live before goes on, or comes back if it had to go already.
    CancelRelease,
    POST "/workspace/{workspace_id}/deployment/{deployment_id}/release/{release_id}/cancel" {
        /// The workspace that owns the deployment.
        workspace_id: WorkspaceId,
        /// The deployment.
        deployment_id: DeploymentId,
        /// The release.
        release_id: ReleaseId,
    },
    permission = Deployment::Edit on workspace_id,
    rate = Writes,
    audit = "release.cancel",
    response = 202 {
        /// The deployment as it is now.
        deployment: Deployment,
    },
    errors = [ReleaseEnded],
}
