//! `POST /workspace/{workspace_id}/runner/{runner_id}/rotate-token`

use models::api::workspace::runner::{RotateRunnerToken, RotateRunnerTokenResponse};

use crate::{error::AppError, http::Ctx, services};

/// Replaces a runner's token and returns the new one, this once.
pub async fn rotate_runner_token(
    ctx: Ctx<RotateRunnerToken>,
) -> Result<RotateRunnerTokenResponse, AppError> {
    let (workspace_id, runner_id) = (ctx.path.workspace_id, ctx.path.runner_id);
    let (runner, token) = services::runner::rotate_token(&ctx.app, workspace_id, runner_id).await?;
    Ok(RotateRunnerTokenResponse { runner, token })
}
