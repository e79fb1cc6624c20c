//! `GET /workspace/{workspace_id}/environment/{environment_id}`

use models::api::workspace::environment::{GetEnvironment, GetEnvironmentResponse};

use crate::{error::AppError, http::Ctx, services};

/// Returns an environment with the numbers of its resources.
pub async fn get_environment(ctx: Ctx<GetEnvironment>) -> Result<GetEnvironmentResponse, AppError> {
    let environment =
        services::environment::get(&ctx.app, ctx.path.workspace_id, ctx.path.environment_id)
            .await?;
    Ok(GetEnvironmentResponse { environment })
}
