//! `DELETE /workspace/{workspace_id}/api-token/{api_token_id}`

use models::{
    api::workspace::api_token::{DeleteApiToken, DeleteApiTokenPath},
    endpoint::Empty,
};

use crate::{error::AppError, http::Ctx, services};

/// Deletes an API token.
pub async fn delete_api_token(ctx: Ctx<DeleteApiToken>) -> Result<Empty, AppError> {
    let DeleteApiTokenPath {
        workspace_id,
        api_token_id,
    } = ctx.path;
    services::api_token::delete(&ctx.app, &ctx.actor, workspace_id, api_token_id).await?;
    Ok(Empty {})
}
