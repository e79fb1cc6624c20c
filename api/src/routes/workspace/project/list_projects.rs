//! `GET /workspace/{workspace_id}/project`

use models::{api::workspace::project::ListProjects, page::Page, project::Project};

use crate::{error::AppError, http::Ctx, services};

/// Lists the projects of the workspace.
pub async fn list_projects(ctx: Ctx<ListProjects>) -> Result<Page<Project>, AppError> {
    services::project::list(&ctx.app, ctx.path.workspace_id, &ctx.query).await
}
