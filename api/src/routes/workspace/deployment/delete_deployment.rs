//! `DELETE /workspace/{workspace_id}/deployment/{deployment_id}`

use models::api::workspace::deployment::{DeleteDeployment, DeleteDeploymentResponse};

use crate::{error::AppError, http::Ctx, services};

/// Requests the deletion of the deployment.
pub async fn delete_deployment(
    ctx: Ctx<DeleteDeployment>,
) -> Result<DeleteDeploymentResponse, AppError> {
    let (workspace_id, deployment_id) = (ctx.path.workspace_id, ctx.path.deployment_id);
    let deployment = services::deployment::delete(&ctx.app, workspace_id, deployment_id).await?;
    Ok(DeleteDeploymentResponse {
        deployment: deployment.for_reader(&ctx.actor.actor),
    })
}
