//! `POST /workspace/{workspace_id}/volume/{volume_id}/forget`

use models::{api::workspace::volume::ForgetVolume, endpoint::Empty};

use crate::{error::AppError, http::Ctx, services};

/// Drops the record of a volume and leaves its data in place.
pub async fn forget_volume(ctx: Ctx<ForgetVolume>) -> Result<Empty, AppError> {
    services::volume::forget(&ctx.app, ctx.path.workspace_id, ctx.path.volume_id).await?;
    Ok(Empty {})
}
