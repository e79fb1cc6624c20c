//! `POST /session`

use models::api::session::{SignIn, SignInResponse};

use crate::{
    error::AppError,
    http::Ctx,
    services::{self, session::Attempt},
};

/// Ties the caller's session to the person.
pub async fn sign_in(ctx: Ctx<SignIn>) -> Result<SignInResponse, AppError> {
    let (email, password) = (&ctx.request.email, &ctx.request.password);
    let attempt = Attempt {
        session: &ctx.session,
        browser: &ctx.browser,
        trail: &ctx.trail,
    };
    let user = services::session::sign_in(&ctx.app, attempt, email, password).await?;
    Ok(SignInResponse { user })
}
