//! `POST /workspace/{workspace_id}/registration/{registration_id}/approve`

use models::api::workspace::registration::{ApproveRegistration, ApproveRegistrationResponse};

use crate::{error::AppError, http::Ctx, services};

/// Approves a runner's registration.
pub async fn approve_registration(
    ctx: Ctx<ApproveRegistration>,
) -> Result<ApproveRegistrationResponse, AppError> {
    let (workspace_id, registration_id) = (ctx.path.workspace_id, ctx.path.registration_id);
    let name = &ctx.request.name;
    let runner =
        services::registration::approve(&ctx.app, workspace_id, registration_id, name).await?;
    Ok(ApproveRegistrationResponse { runner })
}
