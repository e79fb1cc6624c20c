//! `PATCH /workspace/{workspace_id}/environment/{environment_id}`

use models::api::workspace::environment::{UpdateEnvironment, UpdateEnvironmentResponse};

use crate::{error::AppError, http::Ctx, services};

/// Renames an environment.
pub async fn update_environment(
    ctx: Ctx<UpdateEnvironment>,
) -> Result<UpdateEnvironmentResponse, AppError> {
    let (workspace_id, environment_id) = (ctx.path.workspace_id, ctx.path.environment_id);
    let name = &ctx.request.name;
    let environment =
        services::environment::update(&ctx.app, workspace_id, environment_id, name).await?;
    Ok(UpdateEnvironmentResponse { environment })
}
