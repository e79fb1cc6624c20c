//! `GET /workspace/{workspace_id}/registration/{registration_id}`

use models::api::workspace::registration::{GetRegistration, GetRegistrationResponse};

use crate::{error::AppError, http::Ctx, services};

/// Returns a runner's registration.
pub async fn get_registration(
    ctx: Ctx<GetRegistration>,
) -> Result<GetRegistrationResponse, AppError> {
    let (workspace_id, registration_id) = (ctx.path.workspace_id, ctx.path.registration_id);
    let registration = services::registration::get(&ctx.app, workspace_id, registration_id).await?;
    Ok(GetRegistrationResponse { registration })
}
