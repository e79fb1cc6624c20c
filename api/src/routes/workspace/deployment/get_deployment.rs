//! `GET /workspace/{workspace_id}/deployment/{deployment_id}`

use models::api::workspace::deployment::{GetDeployment, GetDeploymentResponse};

use crate::{error::AppError, http::Ctx, services};

/// Returns the whole deployment.
pub async fn get_deployment(ctx: Ctx<GetDeployment>) -> Result<GetDeploymentResponse, AppError> {
    let (workspace_id, deployment_id) = (ctx.path.workspace_id, ctx.path.deployment_id);
    let deployment = services::deployment::get(&ctx.app, workspace_id, deployment_id).await?;
    Ok(GetDeploymentResponse {
        deployment: deployment.for_reader(&ctx.actor.actor),
    })
}
