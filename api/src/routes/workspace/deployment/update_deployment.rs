//! `PATCH /workspace/{workspace_id}/deployment/{deployment_id}`

use models::api::workspace::deployment::{UpdateDeployment, UpdateDeploymentResponse};

use crate::{error::AppError, http::Ctx, services};

/// Replaces the settings of the deployment.
pub async fn update_deployment(
    ctx: Ctx<UpdateDeployment>,
) -> Result<UpdateDeploymentResponse, AppError> {
    let (workspace_id, deployment_id) = (ctx.path.workspace_id, ctx.path.deployment_id);
    let (app, actor) = (&ctx.app, &ctx.actor.actor);
    let deployment =
        services::deployment::update(app, actor, workspace_id, deployment_id, ctx.request).await?;
    Ok(UpdateDeploymentResponse {
        deployment: deployment.for_reader(&ctx.actor.actor),
    })
}
