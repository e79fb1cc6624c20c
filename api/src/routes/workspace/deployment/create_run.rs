//! `POST /workspace/{workspace_id}/deployment/{deployment_id}/run`

use models::api::workspace::deployment::{CreateRun, CreateRunResponse};

use crate::{error::AppError, http::Ctx, services};

/// Creates a run.
pub async fn create_run(ctx: Ctx<CreateRun>) -> Result<CreateRunResponse, AppError> {
    let (workspace_id, deployment_id) = (ctx.path.workspace_id, ctx.path.deployment_id);
    let (app, actor) = (&ctx.app, &ctx.actor.actor);
    let run = services::run::create(app, actor, workspace_id, deployment_id, ctx.request).await?;
    Ok(CreateRunResponse {
        run: run.for_reader(actor),
    })
}
