//! `POST /workspace/{workspace_id}/deployment/{deployment_id}/command`

use models::api::workspace::deployment::{RunCommand, RunCommandResponse};

use crate::{error::AppError, http::Ctx, services};

/// Runs the command and waits for its end.
pub async fn run_command(ctx: Ctx<RunCommand>) -> Result<RunCommandResponse, AppError> {
    let (workspace_id, deployment_id) = (ctx.path.workspace_id, ctx.path.deployment_id);
    // A caller who hangs up in the middle has run it all the same.
    let unfinished = ctx.trail.at_the_end("deployment.command");
    let answer = services::exec::run(&ctx.app, workspace_id, deployment_id, ctx.request).await?;
    unfinished.forget();
    Ok(answer)
}
