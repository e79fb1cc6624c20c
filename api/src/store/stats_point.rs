//! Points of series, read from samples or rollups.

use models::{
    DeploymentId, WorkspaceId,
    deployment::{StatsPoint, Usage},
    time::Timestamp,
};

use super::stats_series::SeriesId;
use crate::db::{Source, StoreError, fetch_all};

#[derive(sqlx::FromRow)]
struct Point {
    series_id: i64,
    at: i64,
    cpu: i64,
    memory: i64,
    network_received: i64,
    network_sent: i64,
    disk_read: i64,
    disk_written: i64,
    max_cpu: i64,
    max_memory: i64,
    max_network_received: i64,
    max_network_sent: i64,
    max_disk_read: i64,
    max_disk_written: i64,
}

impl Point {
    fn read(self) -> (SeriesId, StatsPoint) {
        let number = |number| u64::try_from(number).unwrap_or_default();
        let point = StatsPoint {
            at: Timestamp::from_micros(self.at),
            average: Usage {
                cpu_millis: number(self.cpu),
                memory_bytes: number(self.memory),
                network_received_bytes_per_second: number(self.network_received),
                network_sent_bytes_per_second: number(self.network_sent),
                disk_read_bytes_per_second: number(self.disk_read),
                disk_written_bytes_per_second: number(self.disk_written),
            },
            maximum: Usage {
                cpu_millis: number(self.max_cpu),
                memory_bytes: number(self.max_memory),
                network_received_bytes_per_second: number(self.max_network_received),
                network_sent_bytes_per_second: number(self.max_network_sent),
                disk_read_bytes_per_second: number(self.max_disk_read),
                disk_written_bytes_per_second: number(self.max_disk_written),
            },
        };
        (SeriesId(self.series_id), point)
    }
}

/// Parameters for reading a deployment's series.
#[derive(Clone, Copy, Debug)]
pub struct PointQuery {
    /// Start of the range.
    pub from: Timestamp,
    /// End of the range.
    pub to: Timestamp,
    /// Interval that each point stands for, in milliseconds.
    pub resolution_ms: i64,
    /// Oldest series to read.
    pub first: SeriesId,
}

/// Runs a statement that reads points of a workspace's deployment.
pub(super) async fn read(
    source: impl Into<Source<'_>>,
    sql: &'static str,
    workspace_id: WorkspaceId,
    deployment_id: DeploymentId,
    query: PointQuery,
) -> Result<Vec<(SeriesId, StatsPoint)>, StoreError> {
    let mut source = source.into();
    let rows = fetch_all!(
        source,
        Point,
        sql,
        workspace_id.uuid(),
        deployment_id.uuid(),
        query.from.micros(),
        query.to.micros(),
        query.resolution_ms * 1_000,
        query.first.0,
    )?;
    Ok(rows.into_iter().map(Point::read).collect())
}
