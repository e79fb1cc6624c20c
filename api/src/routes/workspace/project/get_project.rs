//! `GET /workspace/{workspace_id}/project/{project_id}`

use models::api::workspace::project::{GetProject, GetProjectResponse};

use crate::{error::AppError, http::Ctx, services};

/// Returns a project with its environments.
pub async fn get_project(ctx: Ctx<GetProject>) -> Result<GetProjectResponse, AppError> {
    let project =
        services::project::get(&ctx.app, ctx.path.workspace_id, ctx.path.project_id).await?;
    Ok(GetProjectResponse { project })
}
