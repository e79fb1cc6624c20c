//! `POST /workspace/{workspace_id}/enrolment/{enrolment_id}/approve`

use models::api::workspace::enrolment::{ApproveEnrolment, ApproveEnrolmentResponse};

use crate::{error::AppError, http::Ctx, services};

/// Approves a runner's registration.
pub async fn approve_enrolment(
    ctx: Ctx<ApproveEnrolment>,
) -> Result<ApproveEnrolmentResponse, AppError> {
    let (workspace_id, enrolment_id) = (ctx.path.workspace_id, ctx.path.enrolment_id);
    let name = &ctx.request.name;
    let runner = services::enrolment::approve(&ctx.app, workspace_id, enrolment_id, name).await?;
    Ok(ApproveEnrolmentResponse { runner })
}
