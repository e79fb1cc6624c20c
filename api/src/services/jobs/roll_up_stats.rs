//! Rollup and retention of instance stats.

use crate::{
    app::App, error::AppError, jobs::Outcome, services::stats, store::stats_rollup::ROLLUP_MS,
};

/// Interval, in milliseconds: one rollup.
pub(super) const EVERY_MS: i64 = ROLLUP_MS;

pub(super) async fn run(app: &App) -> Result<Outcome, AppError> {
    stats::roll_up_due(app).await?;
    Ok(super::again_in(app, EVERY_MS))
}
