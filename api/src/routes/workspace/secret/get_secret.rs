//! `GET /workspace/{workspace_id}/secret/{secret_id}`

use models::api::workspace::secret::{GetSecret, GetSecretResponse};

use crate::{error::AppError, http::Ctx, services};

/// Returns a secret without its value.
pub async fn get_secret(ctx: Ctx<GetSecret>) -> Result<GetSecretResponse, AppError> {
    let (workspace_id, secret_id) = (ctx.path.workspace_id, ctx.path.secret_id);
    let secret = services::secret::get(&ctx.app, workspace_id, secret_id).await?;
    Ok(GetSecretResponse { secret })
}
