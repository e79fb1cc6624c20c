//! `POST /workspace/{workspace_id}/deployment/{deployment_id}/release/{release_id}/roll-back`

use models::api::workspace::deployment::{RollBackDeployment, RollBackDeploymentResponse};

use crate::{error::AppError, http::Ctx, services};

/// Creates a release that repeats an older one.
pub async fn roll_back_deployment(
    ctx: Ctx<RollBackDeployment>,
) -> Result<RollBackDeploymentResponse, AppError> {
    let (workspace_id, deployment_id) = (ctx.path.workspace_id, ctx.path.deployment_id);
    let release_id = ctx.path.release_id;
    let deployment = services::deployment::roll_back(
        &ctx.app,
        &ctx.actor.actor,
        workspace_id,
        deployment_id,
        release_id,
    )
    .await?;
    Ok(RollBackDeploymentResponse {
        deployment: deployment.for_reader(&ctx.actor.actor),
    })
}
