//! `POST /workspace/{workspace_id}/secret`

use models::api::workspace::secret::{CreateSecret, CreateSecretResponse};

use crate::{error::AppError, http::Ctx, services};

/// Creates a secret.
pub async fn create_secret(ctx: Ctx<CreateSecret>) -> Result<CreateSecretResponse, AppError> {
    let secret = services::secret::create(&ctx.app, ctx.path.workspace_id, ctx.request).await?;
    Ok(CreateSecretResponse { secret })
}
