//! Summing samples up and forgetting what is old, in steps that are short enough for others to
//! get their turn in between: SQLite has one writer.
//!
//! Each series says when there is something to do for it, so that those of instances that are long
//! gone cost nothing until their time is over.

#[cfg(test)]
mod tests;

use models::time::Timestamp;

use super::intake::HOUR_MS;
use crate::{
    app::App,
    config,
    db::Tx,
    error::AppError,
    store::{
        self,
        stats_rollup::ROLLUP_MS,
        stats_series::{self, Due, Left},
    },
};

/// How often it is done, in milliseconds.
pub const UPKEEP_EVERY_MS: i64 = ROLLUP_MS;

/// A while is summed up when it has been over for so long: samples may be a minute late.
const LATE_MS: i64 = 90_000;

/// How many series one step deals with.
const STEP: i64 = 20;

/// The longest time of one series that a step forgets, in milliseconds: an hour of samples, a
/// week of sums.
const SAMPLES_MS: i64 = 3_600_000;
const ROLLUPS_MS: i64 = 7 * DAY_MS;

/// A series is looked at so often, whatever it said: the settings may say something else by then.
const DAY_MS: i64 = 86_400_000;

/// Does all that is due.
pub async fn upkeep(app: &App) -> Result<(), AppError> {
    let bounds = Bounds::at(app.clock.now(), &app.config.stats);
    loop {
        let due = stats_series::due(&app.db, bounds.now, STEP).await?;
        if due.is_empty() {
            return Ok(());
        }
        let mut tx = app.db.begin().await?;
        for series in due {
            tend(&mut tx, series, &bounds).await?;
        }
        tx.commit().await?;
    }
}

/// Does what is due for a series, or a part of it, and says when it is due again.
async fn tend(tx: &mut Tx, series: Due, bounds: &Bounds) -> Result<(), AppError> {
    let series_id = series.series_id;
    store::stats_rollup::roll_up(tx, series_id, bounds.summed_up_to).await?;
    stats_series::set_rolled_up(tx, series_id, bounds.summed_up_to).await?;
    let before = stats_series::left(tx, series_id).await?;
    if let Some(to) = step_end(before.oldest_sample, SAMPLES_MS, bounds.samples_from()) {
        store::stats_sample::forget(tx, series_id, to).await?;
    }
    if let Some(to) = step_end(before.oldest_sum, ROLLUPS_MS, bounds.sums_from()) {
        store::stats_rollup::forget(tx, series_id, to).await?;
    }
    let left = stats_series::left(tx, series_id).await?;
    match bounds.next(series.created_at, &left) {
        Some(due_at) => stats_series::set_due(tx, series_id, due_at).await?,
        None => stats_series::forget(tx, series_id).await?,
    }
    Ok(())
}

/// Where a step that begins with the oldest ends; none when there is nothing to forget.
fn step_end(oldest: Option<Timestamp>, longest_ms: i64, kept: Timestamp) -> Option<Timestamp> {
    let oldest = oldest.filter(|oldest| *oldest < kept)?;
    Some(oldest.plus_millis(longest_ms).min(kept))
}

/// How far back what is kept.
#[derive(Clone, Copy, Debug)]
struct Bounds {
    now: Timestamp,
    /// The end of the last while that is summed up.
    summed_up_to: Timestamp,
    samples_ms: i64,
    sums_ms: i64,
}

impl Bounds {
    fn at(now: Timestamp, settings: &config::Stats) -> Self {
        let over = now.plus_millis(-LATE_MS).micros();
        let rest = over.rem_euclid(ROLLUP_MS * 1_000);
        Self {
            now,
            summed_up_to: Timestamp::from_micros(over - rest),
            samples_ms: settings.full_resolution_ms(),
            sums_ms: settings.rolled_up_ms(),
        }
    }

    const fn samples_from(&self) -> Timestamp {
        self.now.plus_millis(-self.samples_ms)
    }

    const fn sums_from(&self) -> Timestamp {
        self.now.plus_millis(-self.sums_ms)
    }

    /// When a series of which this is left is due again; none when it is over.
    fn next(&self, created_at: Timestamp, left: &Left) -> Option<Timestamp> {
        // Whoever was silent for an hour is woken by the next sample.
        let newest = left.newest_sample;
        let speaks = newest.is_some_and(|at| self.now.millis_since(at) < HOUR_MS);
        let sum_up = speaks.then(|| self.summed_up_to.plus_millis(ROLLUP_MS + LATE_MS));
        // What is exactly as old as it may be stays for another moment.
        let forget = |oldest: Option<Timestamp>, kept_ms| Some(oldest?.plus_millis(kept_ms + 1));
        let forget_samples = forget(left.oldest_sample, self.samples_ms);
        let forget_sums = forget(left.oldest_sum, self.sums_ms);
        let next = [sum_up, forget_samples, forget_sums];
        // An instance may be measured for the first time a while after its series began.
        let young = Some(created_at.plus_millis(DAY_MS)).filter(|end| *end > self.now);
        let next = next.into_iter().flatten().min().or(young)?;
        Some(next.min(self.now.plus_millis(DAY_MS)))
    }
}
