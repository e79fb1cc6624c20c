//! `DELETE /session`

use models::{api::session::SignOut, endpoint::Empty};

use crate::{error::AppError, http::Ctx, services};

/// Ends the session, everywhere.
pub async fn sign_out(ctx: Ctx<SignOut>) -> Result<Empty, AppError> {
    services::session::sign_out(&ctx.app, &ctx.session, &ctx.actor).await?;
    Ok(Empty {})
}
