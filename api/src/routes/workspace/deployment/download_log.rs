//! `GET /workspace/{workspace_id}/deployment/{deployment_id}/log/text`

use models::api::workspace::deployment::DownloadLog;

use crate::{
    error::AppError,
    http::{Ctx, TextFile},
    services,
};

/// Returns the deployment's log as a file, written while it is read.
pub async fn download_log(ctx: Ctx<DownloadLog>) -> Result<TextFile, AppError> {
    let (workspace_id, deployment_id) = (ctx.path.workspace_id, ctx.path.deployment_id);
    let deployment = services::deployment::get(&ctx.app, workspace_id, deployment_id).await?;
    let deployment = deployment.redacted();
    let pieces = services::log::download(&ctx.app, workspace_id, deployment_id, &ctx.query).await?;
    Ok(TextFile::new(format!("{}.log", deployment.name), pieces))
}
