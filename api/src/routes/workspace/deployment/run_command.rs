//! `POST /workspace/{workspace_id}/deployment/{deployment_id}/command`

use models::api::workspace::deployment::{RunCommand, RunCommandResponse};

use crate::{error::AppError, http::Ctx, services};

/// Runs a command and waits until it ends.
pub async fn run_command(ctx: Ctx<RunCommand>) -> Result<RunCommandResponse, AppError> {
    let (workspace_id, deployment_id) = (ctx.path.workspace_id, ctx.path.deployment_id);
    let (app, trail) = (&ctx.app, &ctx.trail);
    services::exec::run(app, trail, workspace_id, deployment_id, ctx.request).await
}
