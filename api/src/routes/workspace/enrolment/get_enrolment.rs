//! `GET /workspace/{workspace_id}/enrolment/{enrolment_id}`

use models::api::workspace::enrolment::{GetEnrolment, GetEnrolmentResponse};

use crate::{error::AppError, http::Ctx, services};

/// Returns a runner's registration.
pub async fn get_enrolment(ctx: Ctx<GetEnrolment>) -> Result<GetEnrolmentResponse, AppError> {
    let (workspace_id, enrolment_id) = (ctx.path.workspace_id, ctx.path.enrolment_id);
    let enrolment = services::enrolment::get(&ctx.app, workspace_id, enrolment_id).await?;
    Ok(GetEnrolmentResponse { enrolment })
}
