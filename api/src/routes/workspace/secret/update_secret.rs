//! `PATCH /workspace/{workspace_id}/secret/{secret_id}`

use models::api::workspace::secret::{UpdateSecret, UpdateSecretResponse};

use crate::{error::AppError, http::Ctx, services};

/// Replaces a secret's value.
pub async fn update_secret(ctx: Ctx<UpdateSecret>) -> Result<UpdateSecretResponse, AppError> {
    let (workspace_id, secret_id) = (ctx.path.workspace_id, ctx.path.secret_id);
    let value = &ctx.request.secret_value;
    let secret = services::secret::update(&ctx.app, workspace_id, secret_id, value).await?;
    Ok(UpdateSecretResponse { secret })
}
