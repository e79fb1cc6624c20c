//! `GET /workspace/{workspace_id}/registry`

use models::{api::workspace::registry::ListRegistries, page::Page, registry::Registry};

use crate::{error::AppError, http::Ctx, services};

/// Lists the registries of the workspace.
pub async fn list_registries(ctx: Ctx<ListRegistries>) -> Result<Page<Registry>, AppError> {
    services::registry::list(&ctx.app, ctx.path.workspace_id, &ctx.query).await
}
