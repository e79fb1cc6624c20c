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
    http::{Account, Browser, SignedIn, Trail, begin_lifetime},
    session_store::USER_KEY,
    store,
};

/// What a sign-in that was refused is called in the audit log.
const REFUSED: &str = "session.create_failed";

/// Who tries to sign in, and what is kept of it.
#[derive(Clone, Copy, Debug)]
pub struct Attempt<'a> {
    /// The session that is tied to the person.
    pub session: &'a Session,
    /// The browser, which may have been signed in from before.
    pub browser: &'a Browser,
    /// Where success and failure are recorded.
    pub trail: &'a Trail,
}

/// Checks the password and ties the session to the person.
///
/// An unknown address takes as long as a wrong password and is told the same.
pub async fn sign_in(
    app: &App,
    attempt: Attempt<'_>,
    email: &Email,
    password: &SecretText,
) -> Result<User, AppError> {
    let (browser, account) = (attempt.browser, Account::of(email));
    let device = browser.known_to(app, account);
    app.rate.sign_in(device, browser.address, account).await?;
    let user = store::app_user::find_by_email(&app.db, email).await?;
    let hash = user.as_ref().map(|user| user.password_hash.clone());
    let is_right = app
        .passwords
        .verify(password.expose(), hash.as_deref())
        .await
        .map_err(AppError::internal)?;
    let user_id = user.as_ref().map(store::app_user::User::user_id);
    let Some(user) = user.filter(|_| is_right) else {
        attempt.trail.is_by(user_id, email.as_str());
        attempt.trail.record(REFUSED).await;
        tracing::info!(client.address = %browser.address.0, "a sign-in was refused");
        return Err(ErrorCode::InvalidCredentials.into());
    };
    attempt.trail.is_by(user_id, &user.name);
    begin(app, attempt.session, user.user_id()).await?;
    browser.remember(app, account);
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
