//! Sessions of signed-in browsers: start, renewal, end.

use models::{UserId, time::Timestamp};
use time::OffsetDateTime;
use tower_sessions::{Expiry, Session};

use crate::{app::App, error::AppError, session_store::USER_KEY};

/// Session key for the start of the lifetime.
const STARTED_AT_KEY: &str = "begun_at";
/// Largest number of renewals within one lifetime.
const RENEWALS_PER_LIFETIME: i64 = 8;

/// Binds a session to a person under a new id.
///
/// The new id makes a planted session worthless (session fixation).
pub async fn begin_session(app: &App, session: &Session, user_id: UserId) -> Result<(), AppError> {
    session.cycle_id().await?;
    begin_lifetime(app, session).await?;
    Ok(session.insert(USER_KEY, user_id).await?)
}

/// Renews a session's lifetime now and then.
///
/// A session expires only after a time without requests. It is renewed at most eight times per
/// lifetime, because each renewal is a write.
pub(super) async fn keep_alive(app: &App, session: &Session) -> Result<(), AppError> {
    let now = app.clock.now();
    let begun: Option<Timestamp> = session.get(STARTED_AT_KEY).await?;
    let lifetime = app.config.session.lifetime_ms();
    if begun.is_none_or(|begun| now.millis_since(begun) > lifetime / RENEWALS_PER_LIFETIME) {
        begin_lifetime(app, session).await?;
    }
    Ok(())
}

/// Starts a session's lifetime.
async fn begin_lifetime(app: &App, session: &Session) -> Result<(), AppError> {
    let now = app.clock.now();
    let end = now.plus_millis(app.config.session.lifetime_ms());
    let end = OffsetDateTime::from_unix_timestamp_nanos(i128::from(end.micros()) * 1_000);
    session.set_expiry(Some(Expiry::AtDateTime(end.map_err(AppError::internal)?)));
    Ok(session.insert(STARTED_AT_KEY, now).await?)
}
