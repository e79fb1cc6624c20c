//! `POST /setup`

use models::api::setup::{CompleteSetup, CompleteSetupResponse};

use crate::{
    client::Account,
    error::AppError,
    http::{Ctx, begin_session},
    services,
};

/// Creates the first account and workspace, and signs the person in.
pub async fn complete_setup(ctx: Ctx<CompleteSetup>) -> Result<CompleteSetupResponse, AppError> {
    let (app, trail, address) = (&ctx.app, &ctx.trail, ctx.browser.address);
    let (user, workspace) = services::setup::complete(app, trail, address, ctx.request).await?;
    begin_session(&ctx.app, &ctx.session, user.user_id).await?;
    ctx.browser.remember(&ctx.app, Account::of(&user.email));
    services::setup::wait_for_local_runner(&ctx.app).await;
    Ok(CompleteSetupResponse { user, workspace })
}
