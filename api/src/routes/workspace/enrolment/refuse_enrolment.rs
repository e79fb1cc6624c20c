//! `POST /workspace/{workspace_id}/enrolment/{enrolment_id}/refuse`

use models::{api::workspace::enrolment::RefuseEnrolment, endpoint::Empty};

use crate::{error::AppError, http::Ctx, services};

/// Denies a runner's registration.
pub async fn refuse_enrolment(ctx: Ctx<RefuseEnrolment>) -> Result<Empty, AppError> {
    let (workspace_id, enrolment_id) = (ctx.path.workspace_id, ctx.path.enrolment_id);
    services::enrolment::refuse(&ctx.app, workspace_id, enrolment_id).await?;
    Ok(Empty {})
}
