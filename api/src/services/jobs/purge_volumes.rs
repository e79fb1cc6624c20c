//! Removal of the volumes whose time in the trash is over.

use crate::{app::App, error::AppError, jobs::Outcome, services::volume};

/// Interval of purges and of repeated requests to runners, in milliseconds.
pub(in crate::services) const EVERY_MS: i64 = 60_000;

pub(super) async fn run(app: &App) -> Result<Outcome, AppError> {
    volume::purge_due(app).await?;
    Ok(super::again_in(app, EVERY_MS))
}
