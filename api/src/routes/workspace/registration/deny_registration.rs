//! `POST /workspace/{workspace_id}/registration/{registration_id}/deny`

use models::{api::workspace::registration::DenyRegistration, endpoint::Empty};

use crate::{error::AppError, http::Ctx, services};

/// Denies a runner's registration.
pub async fn deny_registration(ctx: Ctx<DenyRegistration>) -> Result<Empty, AppError> {
    let (workspace_id, registration_id) = (ctx.path.workspace_id, ctx.path.registration_id);
    services::registration::deny(&ctx.app, workspace_id, registration_id).await?;
    Ok(Empty {})
}
