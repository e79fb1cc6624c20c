//! `GET /workspace/{workspace_id}/deployment/{deployment_id}/run/{run_id}`

use macros::declare_api_endpoint;

use crate::{DeploymentId, RunId, WorkspaceId, run::Run};

declare_api_endpoint! {
    /// Get a run, with its attempts.
    GetRun,
    GET "/workspace/{workspace_id}/deployment/{deployment_id}/run/{run_id}" {
        /// The workspace that owns the deployment.
        workspace_id: WorkspaceId,
        /// The deployment.
        deployment_id: DeploymentId,
        /// The run.
        run_id: RunId,
    },
    permission = Deployment::View on workspace_id,
    rate = Reads,
    response = 200 {
        /// The run.
        run: Run,
    },
}
