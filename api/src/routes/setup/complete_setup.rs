//! `POST /setup`

use models::api::setup::{CompleteSetup, CompleteSetupResponse};

use crate::{
    actor::Actor,
    client::Account,
    error::AppError,
    http::{Ctx, begin_session},
    services,
};

/// Creates the first account and workspace, and signs the person in.
pub async fn complete_setup(ctx: Ctx<CompleteSetup>) -> Result<CompleteSetupResponse, AppError> {
    let (user, workspace) = services::setup::complete(&ctx.app, ctx.request).await?;
    begin_session(&ctx.app, &ctx.session, user.user_id).await?;
    ctx.browser.remember(&ctx.app, Account::of(&user.email));
    let address = ctx.browser.address;
    let actor = Actor::person(user.user_id, &user.name, None, address);
    ctx.trail.set_actor(actor);
    services::setup::wait_for_local_runner(&ctx.app).await;
    Ok(CompleteSetupResponse { user, workspace })
}
