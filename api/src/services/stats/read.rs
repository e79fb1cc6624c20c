//! Reading stats.

use std::collections::HashMap;

use models::{
    DeploymentId, WorkspaceId,
    api::workspace::deployment::{
        DEFAULT_STATS_RANGE_MS, GetStatsQuery, GetStatsResponse, MAX_STATS_POINTS,
    },
    deployment::{StatsPoint, StatsSeries},
    error::{ApiError, FieldError},
    time::Timestamp,
};

use crate::{
    app::App,
    error::AppError,
    store::{
        self,
        stats_point::PointQuery,
        stats_rollup::ROLLUP_MS,
        stats_series::{Series, SeriesId},
    },
};

/// Largest number of series in one response.
const MAX_SERIES: i64 = 100;

/// Largest number of points of all series in one response.
///
/// One series may have [`FEWEST_POINTS`] in any case, however many series there are.
const MAX_POINTS: i64 = 6_000;
const FEWEST_POINTS: i64 = 60;

/// Resolutions of points, in milliseconds; longer ones are whole days.
const RESOLUTIONS: [i64; 19] = [
    5_000,
    10_000,
    15_000,
    20_000,
    30_000,
    60_000,
    90_000,
    120_000,
    180_000,
    ROLLUP_MS,
    2 * ROLLUP_MS,
    3 * ROLLUP_MS,
    6 * ROLLUP_MS,
    8 * ROLLUP_MS,
    12 * ROLLUP_MS,
    24 * ROLLUP_MS,
    36 * ROLLUP_MS,
    72 * ROLLUP_MS,
    144 * ROLLUP_MS,
];
const DAY_MS: i64 = 86_400_000;

/// Returns the resource use of a deployment's instances within a range.
pub async fn get(
    app: &App,
    workspace_id: WorkspaceId,
    deployment_id: DeploymentId,
    query: &GetStatsQuery,
) -> Result<GetStatsResponse, AppError> {
    let mut snapshot = app.db.snapshot().await?;
    let snapshot = &mut snapshot;
    store::deployment::find(&mut *snapshot, workspace_id, deployment_id).await?;
    let now = app.clock.now();
    let range @ (from, to) = range(app, query, now)?;
    let limit = MAX_SERIES;
    let series =
        store::stats_series::within(&mut *snapshot, workspace_id, deployment_id, range, limit)
            .await?;
    let is_whole = now.millis_since(from) <= app.config.stats.full_resolution_ms();
    let resolution_ms = resolution(to.millis_since(from), series.len(), is_whole);
    let query = PointQuery {
        from,
        to,
        resolution_ms,
        // Series come newest first.
        first: series.last().map_or(SeriesId::LOWEST, |s| s.series_id),
    };
    let points = if resolution_ms < ROLLUP_MS {
        store::stats_sample::points(&mut *snapshot, workspace_id, deployment_id, query).await?
    } else {
        store::stats_rollup::points(&mut *snapshot, workspace_id, deployment_id, query).await?
    };
    let releases =
        store::release::became_live(&mut *snapshot, workspace_id, deployment_id, range).await?;
    let scaling =
        store::scaling_change::list(snapshot, workspace_id, deployment_id, range, limit).await?;
    Ok(GetStatsResponse {
        from,
        to,
        resolution_ms,
        series: with_points(series, points),
        releases,
        scaling: scaling.rows.into_iter().rev().collect(),
    })
}

/// Returns the requested range, limited to the time with stored data.
fn range(
    app: &App,
    query: &GetStatsQuery,
    now: Timestamp,
) -> Result<(Timestamp, Timestamp), AppError> {
    let to = query.to.unwrap_or(now).min(now);
    let from = query.from;
    let from = from.unwrap_or_else(|| to.plus_millis(-DEFAULT_STATS_RANGE_MS));
    if from >= to {
        return Err(ApiError::invalid(vec![FieldError {
            field: "from".to_owned(),
            message: "The range starts after its end, or in the future. Choose an earlier \
                      start."
                .to_owned(),
        }])
        .into());
    }
    let kept = now.plus_millis(-app.config.stats.rolled_up_ms());
    Ok((from.max(kept).min(to), to))
}

/// Chooses the interval that each point stands for, in milliseconds.
///
/// If samples of the range are gone, only rollups are left.
fn resolution(range_ms: i64, series: usize, is_whole: bool) -> i64 {
    let series = i64::try_from(series).unwrap_or(i64::MAX).max(1);
    let points = (MAX_POINTS / series).clamp(FEWEST_POINTS, MAX_STATS_POINTS);
    // Intervals begin at round times, so a range may cover one more of them.
    let least = div_ceil(range_ms, points - 1).max(1);
    let least = if is_whole {
        least
    } else {
        least.max(ROLLUP_MS)
    };
    let fits = RESOLUTIONS.into_iter().find(|ms| *ms >= least);
    fits.unwrap_or_else(|| div_ceil(least, DAY_MS) * DAY_MS)
}

const fn div_ceil(number: i64, by: i64) -> i64 {
    (number + by - 1) / by
}

fn with_points(series: Vec<Series>, points: Vec<(SeriesId, StatsPoint)>) -> Vec<StatsSeries> {
    let mut by_series: HashMap<SeriesId, Vec<StatsPoint>> = HashMap::new();
    for (series_id, point) in points {
        by_series.entry(series_id).or_default().push(point);
    }
    let series = series.into_iter().rev().filter_map(|series| {
        Some(StatsSeries {
            instance_id: series.instance_id,
            release_number: series.release_number,
            points: by_series.remove(&series.series_id)?,
        })
    });
    series.collect()
}

#[cfg(test)]
mod tests {
    use super::{DAY_MS, ROLLUP_MS, resolution};

    const HOUR: i64 = 3_600_000;

    #[test]
    fn a_range_has_few_enough_points_and_not_too_few() {
        for range in [60_000, HOUR, 6 * HOUR, DAY_MS, 7 * DAY_MS, 30 * DAY_MS] {
            let points = range / resolution(range, 1, true) + 1;
            assert!(points <= 300, "{points} points in {range}");
            assert!(
                points >= 140 || range == 60_000,
                "{points} points in {range}"
            );
        }
        assert_eq!(resolution(HOUR, 1, true), 15_000);
        assert_eq!(resolution(6 * HOUR, 1, true), 90_000);
        assert_eq!(resolution(7 * DAY_MS, 1, true), 8 * ROLLUP_MS);
    }

    #[test]
    fn many_series_have_fewer_points_each() {
        assert_eq!(resolution(HOUR, 100, true), 90_000);
        assert_eq!(resolution(HOUR, 100_000, true), 90_000);
    }

    #[test]
    fn rolled_up_stats_are_returned_in_their_resolution() {
        for range in [1, HOUR, 30 * DAY_MS, 3_000 * DAY_MS] {
            let resolution = resolution(range, 1, false);
            assert_eq!(resolution % ROLLUP_MS, 0, "{resolution} for {range}");
        }
    }
}
