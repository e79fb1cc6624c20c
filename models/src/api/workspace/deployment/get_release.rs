//! `GET /workspace/{workspace_id}/deployment/{deployment_id}/release/{release_id}`

use macros::declare_api_endpoint;

use crate::{DeploymentId, ReleaseId, WorkspaceId, deployment::Release};

declare_api_endpoint! {
    /// Get a release, and the previous one for comparison.
    GetRelease,
    GET "/workspace/{workspace_id}/deployment/{deployment_id}/release/{release_id}" {
        /// The workspace that owns the deployment.
        workspace_id: WorkspaceId,
        /// The deployment.
        deployment_id: DeploymentId,
        /// The release.
        release_id: ReleaseId,
    },
    permission = Deployment::View on workspace_id,
    rate = Reads,
    response = 200 {
        /// The release.
        release: Release,
        /// The previous release; absent for the first one.
        previous: Option<Release>,
    },
}
