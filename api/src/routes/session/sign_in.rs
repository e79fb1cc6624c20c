//! `POST /session`

use models::api::session::{SignIn, SignInResponse};

use crate::{
    client::Account,
    error::AppError,
    http::{Ctx, begin_session},
    services,
};

/// Signs a person in: binds the session to them.
pub async fn sign_in(ctx: Ctx<SignIn>) -> Result<SignInResponse, AppError> {
    let (email, password) = (&ctx.request.email, &ctx.request.password);
    let account = Account::of(email);
    let client = ctx.browser.client(&ctx.app, account);
    let user = services::session::sign_in(&ctx.app, client, &ctx.trail, email, password).await?;
    begin_session(&ctx.app, &ctx.session, user.user_id).await?;
    ctx.browser.remember(&ctx.app, account);
    Ok(SignInResponse { user })
}
