//! `GET /workspace/{workspace_id}/runner/{runner_id}`

use models::api::workspace::runner::{GetRunner, GetRunnerResponse};

use crate::{error::AppError, http::Ctx, services};

/// Returns a runner.
pub async fn get_runner(ctx: Ctx<GetRunner>) -> Result<GetRunnerResponse, AppError> {
    let runner = services::runner::get(&ctx.app, ctx.path.workspace_id, ctx.path.runner_id).await?;
    Ok(GetRunnerResponse { runner })
}
