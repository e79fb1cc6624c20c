//! `POST /workspace/{workspace_id}/registration`

use models::api::workspace::registration::{FindRegistration, FindRegistrationResponse};

use crate::{error::AppError, http::Ctx, services};

/// Finds the registration with a user code.
pub async fn find_registration(
    ctx: Ctx<FindRegistration>,
) -> Result<FindRegistrationResponse, AppError> {
    let (workspace_id, code) = (ctx.path.workspace_id, &ctx.request.code);
    let registration =
        services::registration::find(&ctx.app, &ctx.actor, workspace_id, code).await?;
    Ok(FindRegistrationResponse { registration })
}
