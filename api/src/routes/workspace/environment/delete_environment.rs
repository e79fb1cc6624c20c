//! `DELETE /workspace/{workspace_id}/environment/{environment_id}`

use models::{api::workspace::environment::DeleteEnvironment, endpoint::Empty};

use crate::{error::AppError, http::Ctx, services};

/// Deletes an empty environment.
pub async fn delete_environment(ctx: Ctx<DeleteEnvironment>) -> Result<Empty, AppError> {
    services::environment::delete(&ctx.app, ctx.path.workspace_id, ctx.path.environment_id).await?;
    Ok(Empty {})
}
