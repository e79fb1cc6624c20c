//! `GET /workspace/{workspace_id}/runner/{runner_id}/volume`

use models::{api::workspace::runner::ListRunnerVolumes, page::Page, volume::Volume};

use crate::{error::AppError, http::Ctx, services};

/// Lists the volumes of a runner.
pub async fn list_runner_volumes(ctx: Ctx<ListRunnerVolumes>) -> Result<Page<Volume>, AppError> {
    let (workspace_id, runner_id) = (ctx.path.workspace_id, ctx.path.runner_id);
    services::volume::list_on(&ctx.app, workspace_id, runner_id, &ctx.query).await
}
