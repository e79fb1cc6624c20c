//! Summing samples up and forgetting what is old, in steps that are short enough for others to
//! get their turn in between: SQLite has one writer.

use models::time::Timestamp;

use crate::{
    app::App,
    error::AppError,
    store::{
        self,
        stats_rollup::ROLLUP_MS,
        stats_series::{self, SeriesId},
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
const ROLLUPS_MS: i64 = 7 * 86_400_000;

/// An instance may be measured for the first time a while after its series began.
const YOUNG_MS: i64 = 86_400_000;

/// Does all that is due.
pub async fn upkeep(app: &App) -> Result<(), AppError> {
    let now = app.clock.now();
    roll_up(app, now).await?;
    let kept = now.plus_millis(-app.config.stats.full_resolution_ms());
    loop {
        let overdue = store::stats_sample::overdue(&app.db, kept, STEP).await?;
        if overdue.is_empty() {
            break;
        }
        let mut tx = app.db.begin().await?;
        for (series_id, oldest) in overdue {
            let before = step_end(oldest, SAMPLES_MS, kept);
            store::stats_sample::forget(&mut tx, series_id, before).await?;
        }
        tx.commit().await?;
    }
    let kept = now.plus_millis(-app.config.stats.rolled_up_ms());
    loop {
        let overdue = store::stats_rollup::overdue(&app.db, kept, STEP).await?;
        if overdue.is_empty() {
            break;
        }
        let mut tx = app.db.begin().await?;
        for (series_id, oldest) in overdue {
            let before = step_end(oldest, ROLLUPS_MS, kept);
            store::stats_rollup::forget(&mut tx, series_id, before).await?;
        }
        tx.commit().await?;
    }
    forget_series(app, now).await
}

/// Where a step that begins with the oldest ends.
fn step_end(oldest: Timestamp, longest_ms: i64, kept: Timestamp) -> Timestamp {
    oldest.plus_millis(longest_ms).min(kept)
}

async fn roll_up(app: &App, now: Timestamp) -> Result<(), AppError> {
    let rollup = ROLLUP_MS * 1_000;
    let over = now.plus_millis(-LATE_MS).micros();
    let before = Timestamp::from_micros(over - over.rem_euclid(rollup));
    loop {
        let series = stats_series::to_roll_up(&app.db, before, STEP).await?;
        if series.is_empty() {
            return Ok(());
        }
        let mut tx = app.db.begin().await?;
        for series_id in series {
            roll_up_one(&mut tx, series_id, before).await?;
        }
        tx.commit().await?;
    }
}

async fn roll_up_one(
    tx: &mut crate::db::Tx,
    series_id: SeriesId,
    before: Timestamp,
) -> Result<(), AppError> {
    store::stats_rollup::roll_up(tx, series_id, before).await?;
    stats_series::set_rolled_up(tx, series_id, before).await?;
    Ok(())
}

async fn forget_series(app: &App, now: Timestamp) -> Result<(), AppError> {
    loop {
        let mut tx = app.db.begin().await?;
        let begun_before = now.plus_millis(-YOUNG_MS);
        let forgotten = stats_series::forget_empty(&mut tx, begun_before, STEP).await?;
        tx.commit().await?;
        if forgotten == 0 {
            return Ok(());
        }
    }
}
