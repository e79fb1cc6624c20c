//! `GET /workspace/{workspace_id}/deployment`

use models::{
    api::workspace::deployment::ListDeployments, deployment::DeploymentSummary, page::Page,
};

use crate::{error::AppError, http::Ctx, services};

/// Lists the deployments of the workspace.
pub async fn list_deployments(
    ctx: Ctx<ListDeployments>,
) -> Result<Page<DeploymentSummary>, AppError> {
    services::deployment::list(&ctx.app, ctx.path.workspace_id, &ctx.query).await
}
