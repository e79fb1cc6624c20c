//! `PATCH /workspace/{workspace_id}/volume/{volume_id}`

use models::api::workspace::volume::{UpdateVolume, UpdateVolumeResponse};

use crate::{error::AppError, http::Ctx, services};

/// Renames or enlarges a volume.
pub async fn update_volume(ctx: Ctx<UpdateVolume>) -> Result<UpdateVolumeResponse, AppError> {
    let (workspace_id, volume_id) = (ctx.path.workspace_id, ctx.path.volume_id);
    let volume = services::volume::update(&ctx.app, workspace_id, volume_id, ctx.request).await?;
    Ok(UpdateVolumeResponse { volume })
}
