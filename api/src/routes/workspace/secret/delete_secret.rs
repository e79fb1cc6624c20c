//! `DELETE /workspace/{workspace_id}/secret/{secret_id}`

use models::{api::workspace::secret::DeleteSecret, endpoint::Empty};

use crate::{error::AppError, http::Ctx, services};

/// Deletes a secret that no deployment uses.
pub async fn delete_secret(ctx: Ctx<DeleteSecret>) -> Result<Empty, AppError> {
    services::secret::delete(&ctx.app, ctx.path.workspace_id, ctx.path.secret_id).await?;
    Ok(Empty {})
}
