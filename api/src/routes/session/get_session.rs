//! `GET /session`

use models::{
    api::session::{GetSession, GetSessionResponse},
    user::User,
    value::Email,
};

use crate::{error::AppError, http::Ctx};

/// Returns the person who is signed in.
pub async fn get_session(ctx: Ctx<GetSession>) -> Result<GetSessionResponse, AppError> {
    let user = User {
        user_id: ctx.actor.user_id,
        name: ctx.actor.actor.name,
        email: Email::trusted(ctx.actor.email),
    };
    Ok(GetSessionResponse { user })
}
