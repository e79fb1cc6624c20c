//! `POST /workspace/{workspace_id}/volume`

use models::api::workspace::volume::{CreateVolume, CreateVolumeResponse};

use crate::{error::AppError, http::Ctx, services};

/// Creates a volume.
pub async fn create_volume(ctx: Ctx<CreateVolume>) -> Result<CreateVolumeResponse, AppError> {
    let volume = services::volume::create(&ctx.app, ctx.path.workspace_id, ctx.request).await?;
    Ok(CreateVolumeResponse { volume })
}
