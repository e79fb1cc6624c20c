//! `DELETE /session`

use models::{api::session::SignOut, endpoint::Empty};

use crate::{error::AppError, http::Ctx, services};

/// Ends the session, on every server.
pub async fn sign_out(ctx: Ctx<SignOut>) -> Result<Empty, AppError> {
    ctx.session.flush().await?;
    services::session::signed_out(&ctx.app, &ctx.actor);
    Ok(Empty {})
}
