//! `GET /workspace/{workspace_id}/deployment/{deployment_id}/release/{release_id}`

use models::api::workspace::deployment::{GetRelease, GetReleaseResponse};

use crate::{error::AppError, http::Ctx, services};

/// Returns a release and the one before it.
pub async fn get_release(ctx: Ctx<GetRelease>) -> Result<GetReleaseResponse, AppError> {
    let (workspace_id, deployment_id) = (ctx.path.workspace_id, ctx.path.deployment_id);
    let release_id = ctx.path.release_id;
    let (release, previous) =
        services::release::get(&ctx.app, workspace_id, deployment_id, release_id).await?;
    Ok(GetReleaseResponse {
        release: release.for_reader(&ctx.actor.actor),
        previous: previous.map(|release| release.for_reader(&ctx.actor.actor)),
    })
}
