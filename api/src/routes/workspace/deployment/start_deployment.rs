//! `POST /workspace/{workspace_id}/deployment/{deployment_id}/start`

use models::api::workspace::deployment::{StartDeployment, StartDeploymentResponse};

use crate::{error::AppError, http::Ctx, services};

/// Starts a stopped deployment.
pub async fn start_deployment(
    ctx: Ctx<StartDeployment>,
) -> Result<StartDeploymentResponse, AppError> {
    let (workspace_id, deployment_id) = (ctx.path.workspace_id, ctx.path.deployment_id);
    let deployment =
        services::deployment::start(&ctx.app, &ctx.actor.actor, workspace_id, deployment_id)
            .await?;
    Ok(StartDeploymentResponse {
        deployment: deployment.for_reader(&ctx.actor.actor),
    })
}
