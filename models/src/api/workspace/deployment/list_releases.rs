//! `GET /workspace/{workspace_id}/deployment/{deployment_id}/release`

use macros::declare_api_endpoint;

use crate::{DeploymentId, WorkspaceId, deployment::Release};

declare_api_endpoint! {
    /// List a deployment's releases, the newest first.
    ListReleases,
    GET "/workspace/{workspace_id}/deployment/{deployment_id}/release" {
        /// The workspace that owns the deployment.
        workspace_id: WorkspaceId,
        /// The deployment.
        deployment_id: DeploymentId,
    },
    permission = Deployment::View on workspace_id,
    rate = Reads,
    page = Release,
}
