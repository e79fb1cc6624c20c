//! `POST /workspace/{workspace_id}/deployment/{deployment_id}/stop`

use models::api::workspace::deployment::{StopDeployment, StopDeploymentResponse};

use crate::{error::AppError, http::Ctx, services};

/// Stops the deployment.
pub async fn stop_deployment(ctx: Ctx<StopDeployment>) -> Result<StopDeploymentResponse, AppError> {
    let (workspace_id, deployment_id) = (ctx.path.workspace_id, ctx.path.deployment_id);
    let deployment = services::deployment::stop(&ctx.app, workspace_id, deployment_id).await?;
    Ok(StopDeploymentResponse {
        deployment: deployment.for_reader(&ctx.actor.actor),
    })
}
