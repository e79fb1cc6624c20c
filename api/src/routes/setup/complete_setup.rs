//! `POST /setup`

use models::api::setup::{CompleteSetup, CompleteSetupResponse};

use crate::{error::AppError, http::Ctx, services};

/// Makes the first account and the first workspace, and signs the person in.
pub async fn complete_setup(ctx: Ctx<CompleteSetup>) -> Result<CompleteSetupResponse, AppError> {
    let (user, workspace) = services::setup::complete(&ctx.app, &ctx.session, ctx.request).await?;
    Ok(CompleteSetupResponse { user, workspace })
}
