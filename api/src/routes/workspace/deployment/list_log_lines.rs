//! `GET /workspace/{workspace_id}/deployment/{deployment_id}/log`

use models::api::workspace::deployment::{ListLogLines, ListLogLinesResponse};

use crate::{error::AppError, http::Ctx, services};

/// Lists lines of the deployment's log.
pub async fn list_log_lines(ctx: Ctx<ListLogLines>) -> Result<ListLogLinesResponse, AppError> {
    let (workspace_id, deployment_id) = (ctx.path.workspace_id, ctx.path.deployment_id);
    services::log::list(&ctx.app, workspace_id, deployment_id, &ctx.query).await
}
