//! `POST /workspace/{workspace_id}/volume/{volume_id}/restore`

use models::api::workspace::volume::{RestoreVolume, RestoreVolumeResponse};

use crate::{error::AppError, http::Ctx, services};

/// Restores a volume from the trash.
pub async fn restore_volume(ctx: Ctx<RestoreVolume>) -> Result<RestoreVolumeResponse, AppError> {
    let (workspace_id, volume_id) = (ctx.path.workspace_id, ctx.path.volume_id);
    let volume = services::volume::restore(&ctx.app, workspace_id, volume_id).await?;
    Ok(RestoreVolumeResponse { volume })
}
