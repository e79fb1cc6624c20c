//! `POST /workspace/{workspace_id}/runner`

use models::api::workspace::runner::{CreateRunner, CreateRunnerResponse};

use crate::{error::AppError, http::Ctx, services};

/// Registers a runner and returns its token, this once.
pub async fn create_runner(ctx: Ctx<CreateRunner>) -> Result<CreateRunnerResponse, AppError> {
    let (runner, token) =
        services::runner::create(&ctx.app, ctx.path.workspace_id, ctx.request.name).await?;
    Ok(CreateRunnerResponse { runner, token })
}
