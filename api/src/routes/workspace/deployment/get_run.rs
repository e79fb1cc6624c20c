//! `GET /workspace/{workspace_id}/deployment/{deployment_id}/run/{run_id}`

use models::api::workspace::deployment::{GetRun, GetRunResponse};

use crate::{error::AppError, http::Ctx, services};

/// Returns the run.
pub async fn get_run(ctx: Ctx<GetRun>) -> Result<GetRunResponse, AppError> {
    let (workspace_id, deployment_id) = (ctx.path.workspace_id, ctx.path.deployment_id);
    let run = services::run::get(&ctx.app, workspace_id, deployment_id, ctx.path.run_id).await?;
    Ok(GetRunResponse {
        run: run.for_reader(&ctx.actor.actor),
    })
}
