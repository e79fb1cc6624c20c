//! `GET /workspace/{workspace_id}/deployment/{deployment_id}/run`

use macros::declare_api_endpoint;

use crate::{DeploymentId, WorkspaceId, run::Run};

declare_api_endpoint! {
    /// List a deployment's runs, the newest first.
    ListRuns,
    GET "/workspace/{workspace_id}/deployment/{deployment_id}/run" {
        /// The workspace that owns the deployment.
        workspace_id: WorkspaceId,
        /// The deployment.
        deployment_id: DeploymentId,
    },
    permission = Deployment::View on workspace_id,
    rate = Reads,
    page = Run,
}
