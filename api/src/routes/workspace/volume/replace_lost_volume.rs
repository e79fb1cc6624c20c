//! `POST /workspace/{workspace_id}/volume/{volume_id}/replace-lost`

use models::api::workspace::volume::{ReplaceLostVolume, ReplaceLostVolumeResponse};

use crate::{error::AppError, http::Ctx, services};

/// Gives up the data of a lost volume.
pub async fn replace_lost_volume(
    ctx: Ctx<ReplaceLostVolume>,
) -> Result<ReplaceLostVolumeResponse, AppError> {
    let (workspace_id, volume_id) = (ctx.path.workspace_id, ctx.path.volume_id);
    let volume = services::volume::replace_lost(&ctx.app, workspace_id, volume_id).await?;
    Ok(ReplaceLostVolumeResponse { volume })
}
