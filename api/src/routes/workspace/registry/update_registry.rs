//! `PATCH /workspace/{workspace_id}/registry/{registry_id}`

use models::api::workspace::registry::{UpdateRegistry, UpdateRegistryResponse};

use crate::{error::AppError, http::Ctx, services};

/// Replaces the credentials for a registry.
pub async fn update_registry(ctx: Ctx<UpdateRegistry>) -> Result<UpdateRegistryResponse, AppError> {
    let (workspace_id, registry_id) = (ctx.path.workspace_id, ctx.path.registry_id);
    let registry =
        services::registry::update(&ctx.app, workspace_id, registry_id, ctx.request).await?;
    Ok(UpdateRegistryResponse { registry })
}
