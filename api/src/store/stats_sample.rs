//! Samples of instances' resource use, at full resolution.
//!
//! The key begins with the series: a page of a deployment reads one range of the table, and an
//! instance's samples are stored in the order in which they arrive.

use models::{
    DeploymentId, RunnerId, WorkspaceId,
    deployment::{StatsPoint, Usage},
    time::Timestamp,
};

use super::{
    stats_point::{self, PointQuery},
    stats_series::SeriesId,
};
use crate::db::{Source, StoreError, Tx, execute, execute_with, statements};

/// Number of samples that one statement inserts.
const BATCH: usize = 8;

statements! {
    PURGE = "DELETE FROM stats_sample WHERE (series_id, at) IN
             (SELECT p.series_id, p.at FROM stats_series s
              JOIN deployment d ON d.deployment_id = s.deployment_id
              JOIN stats_sample p ON p.series_id = s.series_id
              WHERE s.deployment_id = $1 AND d.runner_id = $2 LIMIT $3)";
    // Unused rows have series 0, which the join drops. The join is also the tenant check, and
    // drops samples of instances that were deleted meanwhile.
    INSERT = "INSERT INTO stats_sample
              (series_id, at, cpu, memory, network_received, network_sent, disk_read, disk_written)
              SELECT s.series_id, v.column2, v.column3, v.column4, v.column5, v.column6,
                     v.column7, v.column8
              FROM (VALUES
                  (CAST($2 AS BIGINT), CAST($3 AS BIGINT), CAST($4 AS BIGINT), CAST($5 AS BIGINT),
                   CAST($6 AS BIGINT), CAST($7 AS BIGINT), CAST($8 AS BIGINT), CAST($9 AS BIGINT)),
                  ($10, $11, $12, $13, $14, $15, $16, $17),
                  ($18, $19, $20, $21, $22, $23, $24, $25),
                  ($26, $27, $28, $29, $30, $31, $32, $33),
                  ($34, $35, $36, $37, $38, $39, $40, $41),
                  ($42, $43, $44, $45, $46, $47, $48, $49),
                  ($50, $51, $52, $53, $54, $55, $56, $57),
                  ($58, $59, $60, $61, $62, $63, $64, $65)) AS v
              JOIN stats_series s ON s.series_id = v.column1
              JOIN deployment d ON d.deployment_id = s.deployment_id
              WHERE d.runner_id = $1
              ON CONFLICT (series_id, at) DO NOTHING";
    POINTS = "SELECT p.series_id, p.at / $5 * $5 AS at,
                     CAST(AVG(p.cpu) AS BIGINT) AS cpu,
                     CAST(AVG(p.memory) AS BIGINT) AS memory,
                     CAST(AVG(p.network_received) AS BIGINT) AS network_received,
                     CAST(AVG(p.network_sent) AS BIGINT) AS network_sent,
                     CAST(AVG(p.disk_read) AS BIGINT) AS disk_read,
                     CAST(AVG(p.disk_written) AS BIGINT) AS disk_written,
                     MAX(p.cpu) AS max_cpu,
                     MAX(p.memory) AS max_memory,
                     MAX(p.network_received) AS max_network_received,
                     MAX(p.network_sent) AS max_network_sent,
                     MAX(p.disk_read) AS max_disk_read,
                     MAX(p.disk_written) AS max_disk_written
              FROM stats_sample p
              JOIN stats_series s ON s.series_id = p.series_id
              JOIN deployment d ON d.deployment_id = s.deployment_id
              WHERE d.workspace_id = $1 AND s.deployment_id = $2
                AND p.at >= $3 AND p.at < $4 AND s.series_id >= $6
              GROUP BY 1, 2 ORDER BY 1, 2";
    DELETE_BEFORE = "DELETE FROM stats_sample WHERE series_id = $1 AND at < $2";
}

/// A sample to store.
#[derive(Clone, Copy, Debug)]
pub struct Sample {
    /// Series of the instance.
    pub series_id: SeriesId,
    /// Time of the measurement.
    pub at: Timestamp,
    /// Measured resource use.
    pub usage: Usage,
}

impl Sample {
    fn columns(&self) -> [i64; 8] {
        // The service bounds the numbers far below this limit.
        let number = |number| i64::try_from(number).unwrap_or(i64::MAX);
        [
            self.series_id.0,
            self.at.micros(),
            number(self.usage.cpu_millis),
            number(self.usage.memory_bytes),
            number(self.usage.network_received_bytes_per_second),
            number(self.usage.network_sent_bytes_per_second),
            number(self.usage.disk_read_bytes_per_second),
            number(self.usage.disk_written_bytes_per_second),
        ]
    }
}

/// Inserts samples of a runner's own instances; returns the number inserted.
///
/// A second sample for the same moment is dropped.
///
/// # Errors
/// Database errors.
pub async fn insert(
    tx: &mut Tx,
    runner_id: RunnerId,
    samples: &[Sample],
) -> Result<u64, StoreError> {
    let mut kept = 0;
    for batch in samples.chunks(BATCH) {
        let mut rows = [[0_i64; 8]; BATCH];
        for (row, sample) in rows.iter_mut().zip(batch) {
            *row = sample.columns();
        }
        kept += execute_with!(tx, INSERT, runner_id.uuid(), rows.as_flattened())?;
    }
    Ok(kept)
}

/// Reads the points of a workspace's deployment, by series, oldest first.
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

/// Deletes a series' samples before a moment.
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

/// Deletes a few samples of a runner's deployment; returns their number.
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
