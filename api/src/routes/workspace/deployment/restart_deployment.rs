//! `POST /workspace/{workspace_id}/deployment/{deployment_id}/restart`

use models::api::workspace::deployment::{RestartDeployment, RestartDeploymentResponse};

use crate::{error::AppError, http::Ctx, services};

/// Creates a release that repeats the live one.
pub async fn restart_deployment(
    ctx: Ctx<RestartDeployment>,
) -> Result<RestartDeploymentResponse, AppError> {
    let (workspace_id, deployment_id) = (ctx.path.workspace_id, ctx.path.deployment_id);
    let deployment =
        services::deployment::restart(&ctx.app, &ctx.actor.actor, workspace_id, deployment_id)
            .await?;
    Ok(RestartDeploymentResponse {
        deployment: deployment.for_reader(&ctx.actor.actor),
    })
}
