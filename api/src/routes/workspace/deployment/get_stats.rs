//! `GET /workspace/{workspace_id}/deployment/{deployment_id}/stats`

use models::api::workspace::deployment::{GetStats, GetStatsResponse};

use crate::{error::AppError, http::Ctx, services};

/// Returns the resource use of the deployment's instances.
pub async fn get_stats(ctx: Ctx<GetStats>) -> Result<GetStatsResponse, AppError> {
    let (workspace_id, deployment_id) = (ctx.path.workspace_id, ctx.path.deployment_id);
    services::stats::get(&ctx.app, workspace_id, deployment_id, &ctx.query).await
}
