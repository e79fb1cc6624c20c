//! Signing in and out: passwords and audit events.
//!
//! Sessions themselves belong to the HTTP layer.

use models::{
    error::ErrorCode,
    user::User,
    value::{Email, SecretText},
};

use crate::{
    actor::{Actor, SignedIn},
    app::App,
    audit::AuditTrail,
    bus::Event,
    client::{Account, Client},
    error::AppError,
    store,
};

/// Audit action of a refused sign-in.
const REFUSED: &str = "session.create_failed";

/// Verifies an email address and a password.
///
/// An unknown address takes as long as a wrong password and gets the same answer. Both outcomes
/// are in the audit log under the account that was named.
///
/// # Errors
/// `invalid_credentials`, or `rate_limited` with the time to wait.
pub async fn sign_in(
    app: &App,
    client: Client,
    trail: &AuditTrail,
    email: &Email,
    password: &SecretText,
) -> Result<User, AppError> {
    let address = client.address;
    app.rate.sign_in(client, Account::of(email)).await?;
    let user = store::app_user::find_by_email(&app.db, email).await?;
    let hash = user.as_ref().map(|user| user.password_hash.clone());
    let is_right = app
        .passwords
        .verify(password.expose(), hash.as_deref())
        .await
        .map_err(AppError::internal)?;
    let user_id = user.as_ref().map(store::app_user::User::user_id);
    let Some(user) = user.filter(|_| is_right) else {
        trail.set_actor(Actor::unproven(user_id, email.as_str(), address));
        trail.record(REFUSED).await;
        tracing::info!(client.address = %address.0, "a sign-in failed");
        return Err(ErrorCode::InvalidCredentials.into());
    };
    trail.set_actor(Actor::person(user.user_id(), &user.name, address));
    Ok(User {
        user_id: user.user_id(),
        name: user.name,
        email: Email::trusted(user.email),
    })
}

/// Ends every stream of the person's sessions.
///
/// The caller ends the session itself.
pub fn signed_out(app: &App, actor: &SignedIn) {
    app.bus.publish(Event::SessionsChanged {
        user_id: actor.user_id,
    });
}
