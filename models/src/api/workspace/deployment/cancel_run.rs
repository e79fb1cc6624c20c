//! `POST /workspace/{workspace_id}/deployment/{deployment_id}/run/{run_id}/cancel`

use macros::declare_api_endpoint;

use crate::{DeploymentId, RunId, WorkspaceId, run::Run};

declare_api_endpoint! {
    /// Cancel a run that has not ended.
    ///
    /// The runner stops its instance like any other, with the deployment's stop signal and grace.
    CancelRun,
    POST "/workspace/{workspace_id}/deployment/{deployment_id}/run/{run_id}/cancel" {
        /// The workspace that owns the deployment.
        workspace_id: WorkspaceId,
        /// The deployment.
        deployment_id: DeploymentId,
        /// The run.
        run_id: RunId,
    },
    permission = Deployment::Exec on workspace_id,
    rate = Writes,
    audit = "run.cancel",
    response = 202 {
        /// The run after the change.
        run: Run,
    },
    errors = [RunEnded],
}
