//! `POST /workspace/{workspace_id}/deployment/{deployment_id}/release/{release_id}/cancel`

use models::api::workspace::deployment::{CancelRelease, CancelReleaseResponse};

use crate::{error::AppError, http::Ctx, services};

/// Cancels a release that is under way.
pub async fn cancel_release(ctx: Ctx<CancelRelease>) -> Result<CancelReleaseResponse, AppError> {
    let (workspace_id, deployment_id) = (ctx.path.workspace_id, ctx.path.deployment_id);
    let release_id = ctx.path.release_id;
    services::release::cancel(&ctx.app, workspace_id, deployment_id, release_id).await?;
    let deployment = services::deployment::get(&ctx.app, workspace_id, deployment_id).await?;
    Ok(CancelReleaseResponse {
        deployment: deployment.for_reader(&ctx.actor.actor),
    })
}
