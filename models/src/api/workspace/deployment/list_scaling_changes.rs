//! `GET /workspace/{workspace_id}/deployment/{deployment_id}/scaling-change`

use macros::declare_api_endpoint;

use crate::{DeploymentId, WorkspaceId, deployment::ScalingChange};

declare_api_endpoint! {
    /// List a deployment's autoscaling changes, the newest first.
    ///
    /// The last 200 changes are kept.
    ListScalingChanges,
    GET "/workspace/{workspace_id}/deployment/{deployment_id}/scaling-change" {
        /// The workspace that owns the deployment.
        workspace_id: WorkspaceId,
        /// The deployment.
        deployment_id: DeploymentId,
    },
    permission = Deployment::View on workspace_id,
    rate = Reads,
    page = ScalingChange,
}
