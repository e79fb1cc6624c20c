//! `PATCH /workspace/{workspace_id}/project/{project_id}`

use models::api::workspace::project::{UpdateProject, UpdateProjectResponse};

use crate::{error::AppError, http::Ctx, services};

/// Renames a project.
pub async fn update_project(ctx: Ctx<UpdateProject>) -> Result<UpdateProjectResponse, AppError> {
    let (workspace_id, project_id) = (ctx.path.workspace_id, ctx.path.project_id);
    let name = &ctx.request.name;
    let project = services::project::update(&ctx.app, workspace_id, project_id, name).await?;
    Ok(UpdateProjectResponse { project })
}
