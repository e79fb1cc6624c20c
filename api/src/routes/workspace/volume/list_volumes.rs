//! `GET /workspace/{workspace_id}/volume`

use models::{api::workspace::volume::ListVolumes, page::Page, volume::Volume};

use crate::{error::AppError, http::Ctx, services};

/// Lists the volumes of the workspace.
pub async fn list_volumes(ctx: Ctx<ListVolumes>) -> Result<Page<Volume>, AppError> {
    services::volume::list(&ctx.app, ctx.path.workspace_id, &ctx.query).await
}
