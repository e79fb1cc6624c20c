//! `GET /workspace/{workspace_id}/deployment/{deployment_id}/release`

use models::{api::workspace::deployment::ListReleases, deployment::Release, page::Page};

use crate::{error::AppError, http::Ctx, services};

/// Lists the releases of the deployment.
pub async fn list_releases(ctx: Ctx<ListReleases>) -> Result<Page<Release>, AppError> {
    let (workspace_id, deployment_id) = (ctx.path.workspace_id, ctx.path.deployment_id);
    let releases =
        services::release::list(&ctx.app, workspace_id, deployment_id, &ctx.query).await?;
    Ok(releases.for_reader(&ctx.actor.actor))
}
