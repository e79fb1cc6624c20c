//! `GET /workspace/{workspace_id}/environment`

use models::{api::workspace::environment::ListEnvironments, environment::Environment, page::Page};

use crate::{error::AppError, http::Ctx, services};

/// Lists the environments of the workspace.
pub async fn list_environments(ctx: Ctx<ListEnvironments>) -> Result<Page<Environment>, AppError> {
    services::environment::list(&ctx.app, ctx.path.workspace_id, &ctx.query).await
}
