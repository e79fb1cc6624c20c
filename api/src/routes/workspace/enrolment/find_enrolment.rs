//! `POST /workspace/{workspace_id}/enrolment`

use models::api::workspace::enrolment::{FindEnrolment, FindEnrolmentResponse};

use crate::{error::AppError, http::Ctx, services};

/// Finds the registration with a user code.
pub async fn find_enrolment(ctx: Ctx<FindEnrolment>) -> Result<FindEnrolmentResponse, AppError> {
    let (workspace_id, code) = (ctx.path.workspace_id, &ctx.request.code);
    let enrolment = services::enrolment::find(&ctx.app, &ctx.actor, workspace_id, code).await?;
    Ok(FindEnrolmentResponse { enrolment })
}
