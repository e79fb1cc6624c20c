//! Removal of expired sessions.

use crate::{app::App, db::Commit, error::AppError, jobs::Outcome, session_store};

/// Interval, in milliseconds. Expired sessions are refused before they are removed.
pub(super) const EVERY_MS: i64 = 60 * 60_000;

pub(super) async fn run(app: &App) -> Result<Outcome, AppError> {
    let now = app.clock.now();
    app.db
        .write(async |tx| session_store::prune(tx, now).await.map(Commit))
        .await?;
    Ok(super::again_in(app, EVERY_MS))
}
