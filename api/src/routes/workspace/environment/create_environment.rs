//! `POST /workspace/{workspace_id}/environment`

use models::api::workspace::environment::{CreateEnvironment, CreateEnvironmentResponse};

use crate::{error::AppError, http::Ctx, services};

/// Creates an empty environment.
pub async fn create_environment(
    ctx: Ctx<CreateEnvironment>,
) -> Result<CreateEnvironmentResponse, AppError> {
    let environment =
        services::environment::create(&ctx.app, ctx.path.workspace_id, ctx.request).await?;
    Ok(CreateEnvironmentResponse { environment })
}
