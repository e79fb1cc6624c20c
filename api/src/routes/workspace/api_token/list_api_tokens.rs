//! `GET /workspace/{workspace_id}/api-token`

use models::{api::workspace::api_token::ListApiTokens, api_token::ApiToken, page::Page};

use crate::{error::AppError, http::Ctx, services};

/// Lists the caller's API tokens.
pub async fn list_api_tokens(ctx: Ctx<ListApiTokens>) -> Result<Page<ApiToken>, AppError> {
    services::api_token::list(&ctx.app, &ctx.actor, ctx.path.workspace_id, &ctx.query).await
}
