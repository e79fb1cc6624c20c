//! `GET /workspace/{workspace_id}/runner/{runner_id}/deployment`

use macros::declare_api_endpoint;

use crate::{RunnerId, WorkspaceId, deployment::DeploymentSummary};

declare_api_endpoint! {
    /// List the deployments of a runner, by name.
    ListRunnerDeployments,
    GET "/workspace/{workspace_id}/runner/{runner_id}/deployment" {
        /// The workspace that the runner works for.
        workspace_id: WorkspaceId,
        /// The runner.
        runner_id: RunnerId,
    },
    permission = Deployment::View on workspace_id,
    rate = Reads,
    page = DeploymentSummary,
}
