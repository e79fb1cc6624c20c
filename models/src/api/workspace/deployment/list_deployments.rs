//! `GET /workspace/{workspace_id}/deployment`

use macros::declare_api_endpoint;

use crate::{WorkspaceId, deployment::DeploymentSummary, page::EnvironmentPageQuery};

declare_api_endpoint! {
    /// List a workspace's deployments, by name.
    ListDeployments,
    GET "/workspace/{workspace_id}/deployment" {
        /// The workspace.
        workspace_id: WorkspaceId,
    },
    permission = Deployment::View on workspace_id,
    rate = Reads,
    page = DeploymentSummary,
    page_query = EnvironmentPageQuery,
    errors = [EnvironmentNotFound, ProjectNotFound],
}
