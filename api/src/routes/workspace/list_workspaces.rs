//! `GET /workspace`

use models::{api::workspace::ListWorkspaces, page::Page, workspace::Workspace};

use crate::{error::AppError, http::Ctx, services};

/// Lists the workspaces that the caller is a member of.
pub async fn list_workspaces(ctx: Ctx<ListWorkspaces>) -> Result<Page<Workspace>, AppError> {
    services::workspace::list(&ctx.app, ctx.actor.user_id, &ctx.query).await
}
