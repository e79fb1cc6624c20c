//! `POST /workspace/{workspace_id}/project`

use models::api::workspace::project::{CreateProject, CreateProjectResponse};

use crate::{error::AppError, http::Ctx, services};

/// Creates a project with its first environment.
pub async fn create_project(ctx: Ctx<CreateProject>) -> Result<CreateProjectResponse, AppError> {
    let project = services::project::create(&ctx.app, ctx.path.workspace_id, ctx.request).await?;
    Ok(CreateProjectResponse { project })
}
