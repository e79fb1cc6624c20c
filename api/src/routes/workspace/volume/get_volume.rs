//! `GET /workspace/{workspace_id}/volume/{volume_id}`

use models::api::workspace::volume::{GetVolume, GetVolumeResponse};

use crate::{error::AppError, http::Ctx, services};

/// Returns a volume.
pub async fn get_volume(ctx: Ctx<GetVolume>) -> Result<GetVolumeResponse, AppError> {
    let (workspace_id, volume_id) = (ctx.path.workspace_id, ctx.path.volume_id);
    let volume = services::volume::get(&ctx.app, workspace_id, volume_id).await?;
    Ok(GetVolumeResponse { volume })
}
