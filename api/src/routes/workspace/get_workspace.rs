//! `GET /workspace/{workspace_id}`

use models::api::workspace::{GetWorkspace, GetWorkspaceResponse};

use crate::{error::AppError, http::Ctx, services};

/// Returns the workspace as the caller sees it.
pub async fn get_workspace(ctx: Ctx<GetWorkspace>) -> Result<GetWorkspaceResponse, AppError> {
    let user_id = ctx.actor.user_id;
    let mut workspace = services::workspace::get(&ctx.app, user_id, ctx.path.workspace_id).await?;
    // An API token may have fewer than its person.
    if let Some(membership) = ctx.actor.actor.membership() {
        workspace.grants = membership.grants;
    }
    Ok(GetWorkspaceResponse { workspace })
}
