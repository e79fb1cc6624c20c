//! `GET /workspace/{workspace_id}/deployment/{deployment_id}/run`

use models::{api::workspace::deployment::ListRuns, page::Page, run::Run};

use crate::{error::AppError, http::Ctx, services};

/// Lists the runs of the deployment.
pub async fn list_runs(ctx: Ctx<ListRuns>) -> Result<Page<Run>, AppError> {
    let (workspace_id, deployment_id) = (ctx.path.workspace_id, ctx.path.deployment_id);
    let runs = services::run::list(&ctx.app, workspace_id, deployment_id, &ctx.query).await?;
    Ok(runs.for_reader(&ctx.actor.actor))
}
