//! Sample series, one for each instance that was ever measured.

use models::{
    DeploymentId, InstanceId, RunnerId, WorkspaceId, runner::StatsSample, time::Timestamp,
};
use uuid::Uuid;

use crate::db::{
    Db, Source, StoreError, Tx, execute, fetch_all, fetch_one, fetch_optional, statements,
};

statements! {
    FIND = "SELECT s.series_id,
                   COALESCE((SELECT MAX(p.at) FROM stats_sample p
                             WHERE p.series_id = s.series_id), 0)
            FROM stats_series s JOIN deployment d ON d.deployment_id = s.deployment_id
            WHERE d.runner_id = $1 AND s.deployment_id = $2 AND s.instance_id = $3";
    // Two servers may take the same number. The slower one inserts nothing and retries with the
    // next sample.
    INSERT = "INSERT INTO stats_series
              (series_id, deployment_id, instance_id, release_id, created_at, due_at)
              SELECT (SELECT COALESCE(MAX(series_id), 0) + 1 FROM stats_series),
                     d.deployment_id, $3, $4, $5, $5
              FROM deployment d
              WHERE d.runner_id = $1 AND d.deployment_id = $2
                AND (SELECT COUNT(*) FROM stats_series s
                     WHERE s.deployment_id = $2 AND s.created_at > $6) < $7
              ON CONFLICT DO NOTHING RETURNING series_id";
    WITHIN = "SELECT s.series_id, s.instance_id, r.number
              FROM stats_series s
              JOIN deployment d ON d.deployment_id = s.deployment_id
              LEFT JOIN release r
                ON r.release_id = s.release_id AND r.deployment_id = s.deployment_id
              WHERE d.workspace_id = $1 AND s.deployment_id = $2
                AND (EXISTS (SELECT 1 FROM stats_sample p WHERE p.series_id = s.series_id
                               AND p.at >= $3 AND p.at < $4)
                  OR EXISTS (SELECT 1 FROM stats_rollup u WHERE u.series_id = s.series_id
                               AND u.at >= $3 AND u.at < $4))
              ORDER BY s.series_id DESC LIMIT $5";
    DUE = "SELECT series_id, created_at FROM stats_series
           WHERE due_at <= $1 ORDER BY due_at LIMIT $2";
    SET_DUE = "UPDATE stats_series SET due_at = $2 WHERE series_id = $1";
    WAKE = "UPDATE stats_series SET due_at = $2 WHERE series_id = $1 AND due_at > $2";
    SET_ROLLED_UP = "UPDATE stats_series SET rolled_up_to = $2
                     WHERE series_id = $1 AND rolled_up_to < $2";
    REMAINING = "SELECT (SELECT MIN(p.at) FROM stats_sample p WHERE p.series_id = $1) AS oldest_sample,
                        (SELECT MAX(p.at) FROM stats_sample p WHERE p.series_id = $1) AS newest_sample,
                        (SELECT MIN(u.at) FROM stats_rollup u WHERE u.series_id = $1) AS oldest_rollup";
    // Samples that arrived since the check keep the series.
    DELETE_EMPTY = "DELETE FROM stats_series WHERE series_id = $1
                      AND NOT EXISTS (SELECT 1 FROM stats_sample p WHERE p.series_id = $1)
                      AND NOT EXISTS (SELECT 1 FROM stats_rollup u WHERE u.series_id = $1)";
}

/// Compact id of an instance's series.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SeriesId(pub(super) i64);

impl SeriesId {
    /// An id below all others.
    pub const LOWEST: Self = Self(0);
}

/// Finds a series of a runner's own instance, with the time of its newest sample.
///
/// The time is 0 if the series has no samples.
///
/// # Errors
/// Database errors.
pub async fn find(
    tx: &mut Tx,
    runner_id: RunnerId,
    deployment_id: DeploymentId,
    instance_id: InstanceId,
) -> Result<Option<(SeriesId, Timestamp)>, StoreError> {
    let row = fetch_optional!(
        tx,
        (i64, i64),
        FIND,
        runner_id.uuid(),
        deployment_id.uuid(),
        instance_id.uuid(),
    )?;
    Ok(row.map(|(id, newest)| (SeriesId(id), Timestamp::from_micros(newest))))
}

/// Limit on the new series of a deployment within a time.
#[derive(Clone, Copy, Debug)]
pub struct Bound {
    /// Start of that time.
    pub since: Timestamp,
    /// Largest number of series.
    pub most: i64,
}

/// Inserts the series of a sample's instance.
///
/// Returns `None` when the deployment is not the runner's or is over the limit. Also when
/// another server took the same number first.
///
/// # Errors
/// Database errors.
pub async fn insert(
    tx: &mut Tx,
    runner_id: RunnerId,
    sample: &StatsSample,
    at: Timestamp,
    bound: Bound,
) -> Result<Option<SeriesId>, StoreError> {
    let row = fetch_optional!(
        tx,
        (i64,),
        INSERT,
        runner_id.uuid(),
        sample.deployment_id.uuid(),
        sample.instance_id.uuid(),
        sample.release_id.uuid(),
        at.micros(),
        bound.since.micros(),
        bound.most,
    )?;
    Ok(row.map(|(id,)| SeriesId(id)))
}

/// A series with its instance.
#[derive(Clone, Copy, Debug)]
pub struct Series {
    /// Id of the series.
    pub series_id: SeriesId,
    /// Instance that was measured.
    pub instance_id: InstanceId,
    /// Number of the instance's release, if still known.
    pub release_number: Option<i64>,
}

/// Lists a deployment's series with data within a range, newest first.
///
/// # Errors
/// Database errors.
pub async fn within(
    source: impl Into<Source<'_>>,
    workspace_id: WorkspaceId,
    deployment_id: DeploymentId,
    (from, to): (Timestamp, Timestamp),
    limit: i64,
) -> Result<Vec<Series>, StoreError> {
    let mut source = source.into();
    let rows = fetch_all!(
        source,
        (i64, Uuid, Option<i64>),
        WITHIN,
        workspace_id.uuid(),
        deployment_id.uuid(),
        from.micros(),
        to.micros(),
        limit,
    )?;
    let rows = rows
        .into_iter()
        .map(|(id, instance_id, release_number)| Series {
            series_id: SeriesId(id),
            instance_id: instance_id.into(),
            release_number,
        });
    Ok(rows.collect())
}

/// A series that is due for maintenance.
#[derive(Clone, Copy, Debug)]
pub struct Due {
    /// Id of the series.
    pub series_id: SeriesId,
    /// Creation time.
    pub created_at: Timestamp,
}

/// Lists a few series that are due, the longest overdue first.
///
/// # Errors
/// Database errors.
pub async fn due(db: &Db, now: Timestamp, limit: i64) -> Result<Vec<Due>, StoreError> {
    let rows = fetch_all!(db, (i64, i64), DUE, now.micros(), limit)?;
    let rows = rows.into_iter().map(|(id, created_at)| Due {
        series_id: SeriesId(id),
        created_at: Timestamp::from_micros(created_at),
    });
    Ok(rows.collect())
}

/// Sets the time when a series is due next.
///
/// # Errors
/// Database errors.
pub async fn set_due(tx: &mut Tx, series_id: SeriesId, at: Timestamp) -> Result<(), StoreError> {
    execute!(tx, SET_DUE, series_id.0, at.micros())?;
    Ok(())
}

/// Makes a series due no later than at a moment, because it has new samples.
///
/// # Errors
/// Database errors.
pub async fn wake(tx: &mut Tx, series_id: SeriesId, at: Timestamp) -> Result<(), StoreError> {
    execute!(tx, WAKE, series_id.0, at.micros())?;
    Ok(())
}

/// The remaining data of a series.
#[derive(Clone, Copy, Debug)]
pub struct Remaining {
    /// Time of the oldest sample.
    pub oldest_sample: Option<Timestamp>,
    /// Time of the newest sample.
    pub newest_sample: Option<Timestamp>,
    /// Start of the oldest rollup.
    pub oldest_rollup: Option<Timestamp>,
}

/// Returns the extent of a series' remaining data.
///
/// # Errors
/// Database errors.
pub async fn remaining(tx: &mut Tx, series_id: SeriesId) -> Result<Remaining, StoreError> {
    type Row = (Option<i64>, Option<i64>, Option<i64>);
    let row = fetch_one!(tx, Row, REMAINING, series_id.0)?;
    let moment = |at: Option<i64>| at.map(Timestamp::from_micros);
    Ok(Remaining {
        oldest_sample: moment(row.0),
        newest_sample: moment(row.1),
        oldest_rollup: moment(row.2),
    })
}

/// Records the moment through which a series is rolled up.
///
/// # Errors
/// Database errors.
pub async fn set_rolled_up(
    tx: &mut Tx,
    series_id: SeriesId,
    up_to: Timestamp,
) -> Result<(), StoreError> {
    execute!(tx, SET_ROLLED_UP, series_id.0, up_to.micros())?;
    Ok(())
}

/// Deletes a series without any samples and rollups.
///
/// # Errors
/// Database errors.
pub async fn delete_empty(tx: &mut Tx, series_id: SeriesId) -> Result<(), StoreError> {
    execute!(tx, DELETE_EMPTY, series_id.0)?;
    Ok(())
}
