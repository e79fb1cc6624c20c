//! Sessions of signed-in browsers: their beginning, their lifetime, their end.

use models::{UserId, time::Timestamp};
use time::OffsetDateTime;
use tower_sessions::{Expiry, Session};

use crate::{app::App, error::AppError, session_store::USER_KEY};

/// The session value that says when its lifetime began.
const BEGUN_KEY: &str = "begun_at";
/// How often a session that is used all the time begins its lifetime anew within one lifetime.
const BEGUN_IN_LIFETIME: i64 = 8;

/// Ties a session to a person, under a new id: one that was planted before is worth nothing.
pub async fn begin_session(app: &App, session: &Session, user_id: UserId) -> Result<(), AppError> {
    session.cycle_id().await?;
    begin_lifetime(app, session).await?;
    Ok(session.insert(USER_KEY, user_id).await?)
}

/// Begins a session's lifetime anew now and then, so that it ends after so long without a visit;
/// not at every visit, for each time is a write.
pub(super) async fn keep_alive(app: &App, session: &Session) -> Result<(), AppError> {
    let now = app.clock.now();
    let begun: Option<Timestamp> = session.get(BEGUN_KEY).await?;
    let lifetime = app.config.session.lifetime_ms();
    if begun.is_none_or(|begun| now.millis_since(begun) > lifetime / BEGUN_IN_LIFETIME) {
        begin_lifetime(app, session).await?;
    }
    Ok(())
}

/// Begins a session's lifetime.
async fn begin_lifetime(app: &App, session: &Session) -> Result<(), AppError> {
    let now = app.clock.now();
    let end = now.plus_millis(app.config.session.lifetime_ms());
    let end = OffsetDateTime::from_unix_timestamp_nanos(i128::from(end.micros()) * 1_000);
    session.set_expiry(Some(Expiry::AtDateTime(end.map_err(AppError::internal)?)));
    Ok(session.insert(BEGUN_KEY, now).await?)
}
