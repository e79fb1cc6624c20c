//! `DELETE /workspace/{workspace_id}/registry/{registry_id}`

use models::{api::workspace::registry::DeleteRegistry, endpoint::Empty};

use crate::{error::AppError, http::Ctx, services};

/// Deletes the credentials for a registry.
pub async fn delete_registry(ctx: Ctx<DeleteRegistry>) -> Result<Empty, AppError> {
    services::registry::delete(&ctx.app, ctx.path.workspace_id, ctx.path.registry_id).await?;
    Ok(Empty {})
}
