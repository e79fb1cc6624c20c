//! `DELETE /workspace/{workspace_id}/project/{project_id}`

use models::{api::workspace::project::DeleteProject, endpoint::Empty};

use crate::{error::AppError, http::Ctx, services};

/// Deletes a project whose environments are empty.
pub async fn delete_project(ctx: Ctx<DeleteProject>) -> Result<Empty, AppError> {
    services::project::delete(&ctx.app, ctx.path.workspace_id, ctx.path.project_id).await?;
    Ok(Empty {})
}
