//! Trends: coarse sums of samples and rollups over all instances of a deployment.

use models::{DeploymentId, WorkspaceId, deployment::TrendPoint, time::Timestamp};
use uuid::Uuid;

use crate::db::{Db, StoreError, fetch_all, statements};

statements! {
    // Intervals without a rollup yet are read from the samples: first the average of each
    // instance within an interval, then the sum over the instances.
    WITHIN = "SELECT y.deployment_id, y.at, CAST(SUM(y.cpu) AS BIGINT) AS cpu,
                     CAST(SUM(y.memory) AS BIGINT) AS memory
              FROM (SELECT x.deployment_id, x.series_id, x.at / $4 * $4 AS at,
                           SUM(x.cpu * x.samples) / SUM(x.samples) AS cpu,
                           SUM(x.memory * x.samples) / SUM(x.samples) AS memory
                    FROM (SELECT s.deployment_id, s.series_id, u.at, u.samples, u.cpu, u.memory
                          FROM deployment d
                          JOIN stats_series s ON s.deployment_id = d.deployment_id
                          JOIN stats_rollup u ON u.series_id = s.series_id
                          WHERE d.workspace_id = $1 AND u.at >= $2 AND u.at < $3
                          UNION ALL
                          SELECT s.deployment_id, s.series_id, p.at, 1, p.cpu, p.memory
                          FROM deployment d
                          JOIN stats_series s ON s.deployment_id = d.deployment_id
                          JOIN stats_sample p ON p.series_id = s.series_id
                          WHERE d.workspace_id = $1 AND p.at >= $2 AND p.at < $3
                            AND p.at >= s.rolled_up_to) x
                    GROUP BY 1, 2, 3) y
              GROUP BY 1, 2 ORDER BY 1, 2";
}

#[derive(sqlx::FromRow)]
struct Row {
    deployment_id: Uuid,
    at: i64,
    cpu: i64,
    memory: i64,
}

/// Reads the points of all deployments of a workspace within a range.
///
/// Points come by deployment, oldest first; each stands for the given number of milliseconds.
///
/// # Errors
/// Database errors.
pub async fn within(
    db: &Db,
    workspace_id: WorkspaceId,
    (from, to): (Timestamp, Timestamp),
    resolution_ms: i64,
) -> Result<Vec<(DeploymentId, TrendPoint)>, StoreError> {
    let rows = fetch_all!(
        db,
        Row,
        WITHIN,
        workspace_id.uuid(),
        from.micros(),
        to.micros(),
        resolution_ms * 1_000,
    )?;
    let number = |number| u64::try_from(number).unwrap_or_default();
    let points = rows.into_iter().map(|row| {
        let point = TrendPoint {
            at: Timestamp::from_micros(row.at),
            cpu_millis: number(row.cpu),
            memory_bytes: number(row.memory),
        };
        (row.deployment_id.into(), point)
    });
    Ok(points.collect())
}
