//! `POST /workspace/{workspace_id}/registry`

use models::api::workspace::registry::{CreateRegistry, CreateRegistryResponse};

use crate::{error::AppError, http::Ctx, services};

/// Stores credentials for a registry.
pub async fn create_registry(ctx: Ctx<CreateRegistry>) -> Result<CreateRegistryResponse, AppError> {
    let registry = services::registry::create(&ctx.app, ctx.path.workspace_id, ctx.request).await?;
    Ok(CreateRegistryResponse { registry })
}
