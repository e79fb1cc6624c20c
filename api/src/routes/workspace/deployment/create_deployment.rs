//! `POST /workspace/{workspace_id}/deployment`

use models::api::workspace::deployment::{CreateDeployment, CreateDeploymentResponse};

use crate::{error::AppError, http::Ctx, services};

/// Creates a deployment.
///
/// A job of the same transaction notifies its runner.
pub async fn create_deployment(
    ctx: Ctx<CreateDeployment>,
) -> Result<CreateDeploymentResponse, AppError> {
    let (app, workspace_id) = (&ctx.app, ctx.path.workspace_id);
    let deployment =
        services::deployment::create(app, &ctx.actor.actor, workspace_id, ctx.request).await?;
    Ok(CreateDeploymentResponse {
        deployment: deployment.for_reader(&ctx.actor.actor),
    })
}
