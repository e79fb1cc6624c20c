//! `POST /workspace`

use models::api::workspace::{CreateWorkspace, CreateWorkspaceResponse};

use crate::{error::AppError, http::Ctx, services};

/// Creates a workspace that the caller owns.
pub async fn create_workspace(
    ctx: Ctx<CreateWorkspace>,
) -> Result<CreateWorkspaceResponse, AppError> {
    let owner = ctx.actor.user_id;
    let workspace = services::workspace::create(&ctx.app, owner, ctx.request.name).await?;
    Ok(CreateWorkspaceResponse { workspace })
}
