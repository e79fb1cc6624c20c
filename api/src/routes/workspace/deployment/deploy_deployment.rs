//! `POST /workspace/{workspace_id}/deployment/{deployment_id}/deploy`

use models::api::workspace::deployment::{DeployDeployment, DeployDeploymentResponse};

use crate::{error::AppError, http::Ctx, services};

/// Creates a release of the current settings.
pub async fn deploy_deployment(
    ctx: Ctx<DeployDeployment>,
) -> Result<DeployDeploymentResponse, AppError> {
    let (workspace_id, deployment_id) = (ctx.path.workspace_id, ctx.path.deployment_id);
    let deployment =
        services::deployment::deploy(&ctx.app, &ctx.actor.actor, workspace_id, deployment_id)
            .await?;
    Ok(DeployDeploymentResponse {
        deployment: deployment.for_reader(&ctx.actor.actor),
    })
}
