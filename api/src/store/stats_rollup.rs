//! Rollups of samples: averages and maxima over five minutes.

use models::{DeploymentId, RunnerId, WorkspaceId, deployment::StatsPoint, time::Timestamp};

use super::{
    stats_point::{self, PointQuery},
    stats_series::SeriesId,
};
use crate::db::{Source, StoreError, Tx, execute, statements};

/// Length of a rollup interval, in milliseconds.
pub const ROLLUP_MS: i64 = 300_000;

statements! {
    PURGE = "DELETE FROM stats_rollup WHERE (series_id, at) IN
             (SELECT p.series_id, p.at FROM stats_series s
              JOIN deployment d ON d.deployment_id = s.deployment_id
              JOIN stats_rollup p ON p.series_id = s.series_id
              WHERE s.deployment_id = $1 AND d.runner_id = $2 LIMIT $3)";
    ROLL_UP = "INSERT INTO stats_rollup
               (series_id, at, samples, cpu, memory, network_received, network_sent, disk_read,
                disk_written, max_cpu, max_memory, max_network_received, max_network_sent,
                max_disk_read, max_disk_written)
               SELECT p.series_id, p.at / $3 * $3, COUNT(*),
                      CAST(AVG(p.cpu) AS BIGINT),
                      CAST(AVG(p.memory) AS BIGINT),
                      CAST(AVG(p.network_received) AS BIGINT),
                      CAST(AVG(p.network_sent) AS BIGINT),
                      CAST(AVG(p.disk_read) AS BIGINT),
                      CAST(AVG(p.disk_written) AS BIGINT),
                      MAX(p.cpu), MAX(p.memory), MAX(p.network_received), MAX(p.network_sent),
                      MAX(p.disk_read), MAX(p.disk_written)
               FROM stats_sample p JOIN stats_series s ON s.series_id = p.series_id
               WHERE p.series_id = $1 AND p.at >= s.rolled_up_to AND p.at < $2
               GROUP BY 1, 2
               ON CONFLICT (series_id, at) DO NOTHING";
    // Intervals without a rollup yet are read from the samples.
    POINTS = "SELECT x.series_id, x.at / $5 * $5 AS at,
                     CAST(SUM(x.cpu * x.samples) / SUM(x.samples) AS BIGINT) AS cpu,
                     CAST(SUM(x.memory * x.samples) / SUM(x.samples) AS BIGINT) AS memory,
                     CAST(SUM(x.network_received * x.samples) / SUM(x.samples) AS BIGINT) AS network_received,
                     CAST(SUM(x.network_sent * x.samples) / SUM(x.samples) AS BIGINT) AS network_sent,
                     CAST(SUM(x.disk_read * x.samples) / SUM(x.samples) AS BIGINT) AS disk_read,
                     CAST(SUM(x.disk_written * x.samples) / SUM(x.samples) AS BIGINT) AS disk_written,
                     MAX(x.max_cpu) AS max_cpu,
                     MAX(x.max_memory) AS max_memory,
                     MAX(x.max_network_received) AS max_network_received,
                     MAX(x.max_network_sent) AS max_network_sent,
                     MAX(x.max_disk_read) AS max_disk_read,
                     MAX(x.max_disk_written) AS max_disk_written
              FROM (SELECT u.series_id, u.at, u.samples, u.cpu, u.memory, u.network_received,
                           u.network_sent, u.disk_read, u.disk_written, u.max_cpu,
                           u.max_memory, u.max_network_received, u.max_network_sent,
                           u.max_disk_read, u.max_disk_written
                    FROM stats_rollup u
                    JOIN stats_series s ON s.series_id = u.series_id
                    JOIN deployment d ON d.deployment_id = s.deployment_id
                    WHERE d.workspace_id = $1 AND s.deployment_id = $2
                      AND u.at >= $3 AND u.at < $4 AND s.series_id >= $6
                    UNION ALL
                    SELECT p.series_id, p.at, 1, p.cpu, p.memory, p.network_received,
                           p.network_sent, p.disk_read, p.disk_written, p.cpu, p.memory,
                           p.network_received, p.network_sent, p.disk_read, p.disk_written
                    FROM stats_sample p
                    JOIN stats_series s ON s.series_id = p.series_id
                    JOIN deployment d ON d.deployment_id = s.deployment_id
                    WHERE d.workspace_id = $1 AND s.deployment_id = $2
                      AND p.at >= $3 AND p.at < $4 AND s.series_id >= $6
                      AND p.at >= s.rolled_up_to) x
              GROUP BY 1, 2 ORDER BY 1, 2";
    DELETE_BEFORE = "DELETE FROM stats_rollup WHERE series_id = $1 AND at < $2";
}

/// Rolls up a series' samples before a moment, which ends a rollup interval.
///
/// # Errors
/// Database errors.
pub async fn roll_up(
    tx: &mut Tx,
    series_id: SeriesId,
    before: Timestamp,
) -> Result<(), StoreError> {
    execute!(tx, ROLL_UP, series_id.0, before.micros(), ROLLUP_MS * 1_000)?;
    Ok(())
}

/// Reads the points of a workspace's deployment, by series, oldest first.
///
/// The resolution must be a multiple of [`ROLLUP_MS`].
///
/// # Errors
/// Database errors.
pub async fn points(
    source: impl Into<Source<'_>>,
    workspace_id: WorkspaceId,
    deployment_id: DeploymentId,
    query: PointQuery,
) -> Result<Vec<(SeriesId, StatsPoint)>, StoreError> {
    stats_point::read(source, POINTS, workspace_id, deployment_id, query).await
}

/// Deletes a series' rollups before a moment.
///
/// # Errors
/// Database errors.
pub async fn delete_before(
    tx: &mut Tx,
    series_id: SeriesId,
    before: Timestamp,
) -> Result<u64, StoreError> {
    execute!(tx, DELETE_BEFORE, series_id.0, before.micros())
}

/// Deletes a few rollups of a runner's deployment; returns their number.
///
/// # Errors
/// Database errors.
pub async fn purge(
    tx: &mut Tx,
    runner_id: RunnerId,
    deployment_id: DeploymentId,
    limit: i64,
) -> Result<u64, StoreError> {
    execute!(tx, PURGE, deployment_id.uuid(), runner_id.uuid(), limit)
}
