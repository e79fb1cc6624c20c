//! `POST /workspace/{workspace_id}/deployment/{deployment_id}/release/{release_id}/cancel`

use macros::declare_api_endpoint;

use crate::{DeploymentId, ReleaseId, WorkspaceId, deployment::Deployment};

declare_api_endpoint! {
    /// Cancel a release that is not live yet.
    ///
    /// The previous live release keeps running. If its instances were already stopped, they are
    /// started again.
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
        /// The deployment after the change.
        deployment: Deployment,
    },
    errors = [ReleaseEnded],
}
