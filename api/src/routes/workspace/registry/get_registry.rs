//! `GET /workspace/{workspace_id}/registry/{registry_id}`

use models::api::workspace::registry::{GetRegistry, GetRegistryResponse};

use crate::{error::AppError, http::Ctx, services};

/// Returns a registry without its password.
pub async fn get_registry(ctx: Ctx<GetRegistry>) -> Result<GetRegistryResponse, AppError> {
    let (workspace_id, registry_id) = (ctx.path.workspace_id, ctx.path.registry_id);
    let registry = services::registry::get(&ctx.app, workspace_id, registry_id).await?;
    Ok(GetRegistryResponse { registry })
}
