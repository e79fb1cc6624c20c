//! `POST /workspace/{workspace_id}/deployment/{deployment_id}/run/{run_id}/cancel`

use models::api::workspace::deployment::{CancelRun, CancelRunResponse};

use crate::{error::AppError, http::Ctx, services};

/// Cancels the run.
pub async fn cancel_run(ctx: Ctx<CancelRun>) -> Result<CancelRunResponse, AppError> {
    let (workspace_id, deployment_id) = (ctx.path.workspace_id, ctx.path.deployment_id);
    let run = services::run::cancel(&ctx.app, workspace_id, deployment_id, ctx.path.run_id).await?;
    Ok(CancelRunResponse {
        run: run.for_reader(&ctx.actor.actor),
    })
}
