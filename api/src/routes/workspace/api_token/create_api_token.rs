//! `POST /workspace/{workspace_id}/api-token`

use models::api::workspace::api_token::{CreateApiToken, CreateApiTokenResponse};

use crate::{error::AppError, http::Ctx, services};

/// Creates an API token and shows its text once.
pub async fn create_api_token(
    ctx: Ctx<CreateApiToken>,
) -> Result<CreateApiTokenResponse, AppError> {
    let workspace_id = ctx.path.workspace_id;
    let created =
        services::api_token::create(&ctx.app, &ctx.actor, workspace_id, ctx.request).await?;
    let (api_token, token) = created;
    Ok(CreateApiTokenResponse { api_token, token })
}
