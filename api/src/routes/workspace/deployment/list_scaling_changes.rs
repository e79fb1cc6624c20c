//! `GET /workspace/{workspace_id}/deployment/{deployment_id}/scaling-change`

use models::{
    api::workspace::deployment::ListScalingChanges, deployment::ScalingChange, page::Page,
};

use crate::{error::AppError, http::Ctx, services};

/// Lists the changes of the instance count by autoscaling.
pub async fn list_scaling_changes(
    ctx: Ctx<ListScalingChanges>,
) -> Result<Page<ScalingChange>, AppError> {
    let (workspace_id, deployment_id) = (ctx.path.workspace_id, ctx.path.deployment_id);
    services::scaling::list(&ctx.app, workspace_id, deployment_id, &ctx.query).await
}
