//! Signing in and out.

use models::{
    UserId,
    error::ErrorCode,
    user::User,
    value::{Email, SecretText},
};
use tower_sessions::Session;

use crate::{
    app::App,
    bus::Event,
    error::AppError,
    http::{SignedIn, begin_lifetime},
    session_store::USER_KEY,
    store,
};

/// Checks the password and ties the session to the person.
///
/// An unknown address takes as long as a wrong password and is told the same.
pub async fn sign_in(
    app: &App,
    session: &Session,
    email: &Email,
    password: &SecretText,
) -> Result<User, AppError> {
    let user = store::app_user::find_by_email(&app.db, email).await?;
    let hash = user.as_ref().map(|user| user.password_hash.clone());
    let is_right = app
        .passwords
        .verify(password.expose(), hash.as_deref())
        .await
        .map_err(AppError::internal)?;
    let user = user
        .filter(|_| is_right)
        .ok_or(ErrorCode::InvalidCredentials)?;
    begin(app, session, user.user_id()).await?;
    Ok(User {
        user_id: user.user_id(),
        name: user.name,
        email: Email::trusted(user.email),
    })
}

/// Ties a session to a person, under a new id: one that was planted before is worth nothing.
pub(super) async fn begin(app: &App, session: &Session, user_id: UserId) -> Result<(), AppError> {
    session.cycle_id().await?;
    begin_lifetime(app, session).await?;
    Ok(session.insert(USER_KEY, user_id).await?)
}

/// Ends the session at once, with every stream that was opened under it.
pub async fn sign_out(app: &App, session: &Session, actor: &SignedIn) -> Result<(), AppError> {
    session.flush().await?;
    app.bus.publish(Event::SessionsChanged {
        user_id: actor.user_id,
    });
    Ok(())
}
