//! Retention of log lines.

use crate::{app::App, error::AppError, jobs::Outcome, services::log};

/// Interval, in milliseconds.
pub(super) const EVERY_MS: i64 = 10 * 60_000;

pub(super) async fn run(app: &App) -> Result<Outcome, AppError> {
    log::trim(app).await?;
    Ok(super::again_in(app, EVERY_MS))
}
