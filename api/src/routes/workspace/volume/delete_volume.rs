//! `DELETE /workspace/{workspace_id}/volume/{volume_id}`

use models::api::workspace::volume::{DeleteVolume, DeleteVolumeResponse};

use crate::{error::AppError, http::Ctx, services};

/// Moves a volume to the trash.
pub async fn delete_volume(ctx: Ctx<DeleteVolume>) -> Result<DeleteVolumeResponse, AppError> {
    let (workspace_id, volume_id) = (ctx.path.workspace_id, ctx.path.volume_id);
    let volume = services::volume::delete(&ctx.app, workspace_id, volume_id).await?;
    Ok(DeleteVolumeResponse { volume })
}
