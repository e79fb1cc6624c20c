//! `DELETE /workspace/{workspace_id}/runner/{runner_id}`

use models::{api::workspace::runner::DeleteRunner, endpoint::Empty};

use crate::{error::AppError, http::Ctx, services};

/// Deletes a runner without deployments and volumes.
pub async fn delete_runner(ctx: Ctx<DeleteRunner>) -> Result<Empty, AppError> {
    services::runner::delete(&ctx.app, ctx.path.workspace_id, ctx.path.runner_id).await?;
    Ok(Empty {})
}
