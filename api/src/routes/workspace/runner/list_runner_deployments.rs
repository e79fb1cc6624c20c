//! `GET /workspace/{workspace_id}/runner/{runner_id}/deployment`

use models::{
    api::workspace::runner::ListRunnerDeployments, deployment::DeploymentSummary, page::Page,
};

use crate::{error::AppError, http::Ctx, services};

/// Lists the deployments of a runner.
pub async fn list_runner_deployments(
    ctx: Ctx<ListRunnerDeployments>,
) -> Result<Page<DeploymentSummary>, AppError> {
    let (workspace_id, runner_id) = (ctx.path.workspace_id, ctx.path.runner_id);
    services::deployment::list_on(&ctx.app, workspace_id, runner_id, &ctx.query).await
}
