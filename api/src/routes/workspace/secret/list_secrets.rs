//! `GET /workspace/{workspace_id}/secret`

use models::{api::workspace::secret::ListSecrets, page::Page, secret::Secret};

use crate::{error::AppError, http::Ctx, services};

/// Lists the secrets of the workspace.
pub async fn list_secrets(ctx: Ctx<ListSecrets>) -> Result<Page<Secret>, AppError> {
    services::secret::list(&ctx.app, ctx.path.workspace_id, &ctx.query).await
}
