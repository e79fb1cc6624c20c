//! Rollup and retention of stats, in short steps.
//!
//! Others get their turn between two steps, because SQLite has one writer. Each series records
//! when it is due next, so that those of old instances cost nothing until they expire.

#[cfg(test)]
mod tests;

use models::time::Timestamp;

use super::ingest::HOUR_MS;
use crate::{
    app::App,
    config,
    db::{Commit, Tx},
    error::AppError,
    store::{
        self,
        stats_rollup::ROLLUP_MS,
        stats_series::{self, Due, Remaining},
    },
};

/// Delay of the rollup after the end of an interval, in milliseconds.
///
/// Samples may be a minute late.
const LATE_MS: i64 = 90_000;

/// Series per step.
const STEP: i64 = 20;

/// Longest time of one series that a step deletes, in milliseconds.
///
/// An hour of samples, a week of rollups.
const SAMPLES_MS: i64 = 3_600_000;
const ROLLUPS_MS: i64 = 7 * DAY_MS;

/// Longest time between two visits of a series, in milliseconds.
///
/// The settings may have changed since it became due.
const DAY_MS: i64 = 86_400_000;

/// Processes all series that are due.
pub async fn roll_up_due(app: &App) -> Result<(), AppError> {
    let bounds = Bounds::at(app.clock.now(), &app.config.stats);
    loop {
        let due = stats_series::due(&app.db, bounds.now, STEP).await?;
        if due.is_empty() {
            return Ok(());
        }
        app.db
            .write(async |tx| {
                for series in due {
                    roll_up_series(tx, series, &bounds).await?;
                }
                Ok::<_, AppError>(Commit(()))
            })
            .await?;
    }
}

/// Does the work due for a series, or a part of it, and sets when it is due next.
async fn roll_up_series(tx: &mut Tx, series: Due, bounds: &Bounds) -> Result<(), AppError> {
    let series_id = series.series_id;
    store::stats_rollup::roll_up(tx, series_id, bounds.rolled_up_to).await?;
    stats_series::set_rolled_up(tx, series_id, bounds.rolled_up_to).await?;
    let before = stats_series::remaining(tx, series_id).await?;
    if let Some(to) = step_end(before.oldest_sample, SAMPLES_MS, bounds.samples_from()) {
        store::stats_sample::delete_before(tx, series_id, to).await?;
    }
    if let Some(to) = step_end(before.oldest_rollup, ROLLUPS_MS, bounds.rollups_from()) {
        store::stats_rollup::delete_before(tx, series_id, to).await?;
    }
    let remaining = stats_series::remaining(tx, series_id).await?;
    match bounds.next(series.created_at, &remaining) {
        Some(due_at) => stats_series::set_due(tx, series_id, due_at).await?,
        None => stats_series::delete_empty(tx, series_id).await?,
    }
    Ok(())
}

/// Returns the end of a retention step; `None` if nothing must be deleted.
fn step_end(oldest: Option<Timestamp>, longest_ms: i64, kept: Timestamp) -> Option<Timestamp> {
    let oldest = oldest.filter(|oldest| *oldest < kept)?;
    Some(oldest.plus_millis(longest_ms).min(kept))
}

/// Limits of rollup and retention at a moment.
#[derive(Clone, Copy, Debug)]
struct Bounds {
    now: Timestamp,
    /// End of the last interval to roll up.
    rolled_up_to: Timestamp,
    samples_ms: i64,
    rollups_ms: i64,
}

impl Bounds {
    fn at(now: Timestamp, settings: &config::Stats) -> Self {
        let over = now.plus_millis(-LATE_MS).micros();
        let rest = over.rem_euclid(ROLLUP_MS * 1_000);
        Self {
            now,
            rolled_up_to: Timestamp::from_micros(over - rest),
            samples_ms: settings.full_resolution_ms(),
            rollups_ms: settings.rolled_up_ms(),
        }
    }

    const fn samples_from(&self) -> Timestamp {
        self.now.plus_millis(-self.samples_ms)
    }

    const fn rollups_from(&self) -> Timestamp {
        self.now.plus_millis(-self.rollups_ms)
    }

    /// Returns when a series is due next; `None` if nothing of it is left.
    fn next(&self, created_at: Timestamp, remaining: &Remaining) -> Option<Timestamp> {
        // A series that was silent for an hour becomes due with its next sample.
        let newest = remaining.newest_sample;
        let speaks = newest.is_some_and(|at| self.now.millis_since(at) < HOUR_MS);
        let roll_up_at = speaks.then(|| self.rolled_up_to.plus_millis(ROLLUP_MS + LATE_MS));
        // Data of exactly the largest age stays for another millisecond.
        let expires_at =
            |oldest: Option<Timestamp>, kept_ms| Some(oldest?.plus_millis(kept_ms + 1));
        let samples_expire_at = expires_at(remaining.oldest_sample, self.samples_ms);
        let rollups_expire_at = expires_at(remaining.oldest_rollup, self.rollups_ms);
        let next = [roll_up_at, samples_expire_at, rollups_expire_at];
        // The first sample of an instance may come some time after its series was created.
        let young = Some(created_at.plus_millis(DAY_MS)).filter(|end| *end > self.now);
        let next = next.into_iter().flatten().min().or(young)?;
        Some(next.min(self.now.plus_millis(DAY_MS)))
    }
}
