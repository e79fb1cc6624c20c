//! `GET /workspace/{workspace_id}/runner`

use models::{api::workspace::runner::ListRunners, page::Page, runner::Runner};

use crate::{error::AppError, http::Ctx, services};

/// Lists the runners of the workspace.
pub async fn list_runners(ctx: Ctx<ListRunners>) -> Result<Page<Runner>, AppError> {
    services::runner::list(&ctx.app, ctx.path.workspace_id, &ctx.query).await
}
