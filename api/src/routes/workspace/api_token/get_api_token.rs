//! `GET /workspace/{workspace_id}/api-token/{api_token_id}`

use models::api::workspace::api_token::{GetApiToken, GetApiTokenPath, GetApiTokenResponse};

use crate::{error::AppError, http::Ctx, services};

/// Returns an API token without its text.
pub async fn get_api_token(ctx: Ctx<GetApiToken>) -> Result<GetApiTokenResponse, AppError> {
    let GetApiTokenPath {
        workspace_id,
        api_token_id,
    } = ctx.path;
    let api_token =
        services::api_token::get(&ctx.app, &ctx.actor, workspace_id, api_token_id).await?;
    Ok(GetApiTokenResponse { api_token })
}
