//! Removal of old registrations, and of approved runners that never connected.

use crate::{app::App, error::AppError, jobs::Outcome, services::registration};

/// Interval, in milliseconds.
pub(super) const EVERY_MS: i64 = 60_000;

pub(super) async fn run(app: &App) -> Result<Outcome, AppError> {
    registration::prune(app).await?;
    Ok(super::again_in(app, EVERY_MS))
}
