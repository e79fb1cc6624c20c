//! `POST /setup`

use models::api::setup::{CompleteSetup, CompleteSetupResponse};

use crate::{
    error::AppError,
    http::Ctx,
    services::{self, session::Attempt},
};

/// Makes the first account and the first workspace, and signs the person in.
pub async fn complete_setup(ctx: Ctx<CompleteSetup>) -> Result<CompleteSetupResponse, AppError> {
    let attempt = Attempt {
        session: &ctx.session,
        browser: &ctx.browser,
        trail: &ctx.trail,
    };
    let (user, workspace) = services::setup::complete(&ctx.app, attempt, ctx.request).await?;
    Ok(CompleteSetupResponse { user, workspace })
}
