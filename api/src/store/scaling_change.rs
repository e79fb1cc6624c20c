//! The latest changes of instance counts by autoscaling.

use models::{DeploymentId, WorkspaceId, deployment::ScalingChange, time::Timestamp};

use super::{
    Rows,
    deployment::{Deployment, LockedDeployment},
};
use crate::db::{
    Snapshot, Source, StoreError, Tx, execute, fetch_all, fetch_one, fetch_optional, statements,
};

/// Number of changes kept per deployment.
const MOST: i64 = 200;

statements! {
    INSERT = "INSERT INTO scaling_change
              (deployment_id, at, from_instances, to_instances, cpu_percent, cpu_target_percent,
               measured_ms)
              VALUES ($1, $2, $3, $4, $5, $6, $7)";
    TRIM = "DELETE FROM scaling_change WHERE deployment_id = $1 AND at <
            (SELECT MIN(x.at) FROM (SELECT at FROM scaling_change WHERE deployment_id = $1
                                    ORDER BY at DESC LIMIT $2) x)";
    NEWEST = "SELECT at, from_instances, to_instances, cpu_percent, cpu_target_percent, measured_ms
              FROM scaling_change WHERE deployment_id = $1 ORDER BY at DESC LIMIT 1";
    LIST = "SELECT c.at, c.from_instances, c.to_instances, c.cpu_percent, c.cpu_target_percent,
                   c.measured_ms
            FROM scaling_change c JOIN deployment d ON d.deployment_id = c.deployment_id
            WHERE d.workspace_id = $1 AND c.deployment_id = $2 AND c.at >= $3 AND c.at < $4
            ORDER BY c.at DESC LIMIT $5";
    COUNT = "SELECT COUNT(*) FROM scaling_change c
             JOIN deployment d ON d.deployment_id = c.deployment_id
             WHERE d.workspace_id = $1 AND c.deployment_id = $2";
}

#[derive(sqlx::FromRow)]
struct Row {
    at: i64,
    from_instances: i64,
    to_instances: i64,
    cpu_percent: i64,
    cpu_target_percent: i64,
    measured_ms: i64,
}

impl Row {
    fn read(self) -> ScalingChange {
        let number = |number: i64| u16::try_from(number).unwrap_or(u16::MAX);
        ScalingChange {
            at: Timestamp::from_micros(self.at),
            from: number(self.from_instances),
            to: number(self.to_instances),
            cpu_percent: self.cpu_percent.try_into().unwrap_or(u32::MAX),
            cpu_target_percent: number(self.cpu_target_percent),
            measured_ms: self.measured_ms,
        }
    }
}

/// Inserts a change and deletes the oldest beyond the limit.
///
/// # Errors
/// Database errors.
pub async fn insert(
    tx: &mut Tx,
    deployment: &LockedDeployment,
    change: &ScalingChange,
) -> Result<(), StoreError> {
    let id = deployment.deployment_id().uuid();
    execute!(
        tx,
        INSERT,
        id,
        change.at.micros(),
        i64::from(change.from),
        i64::from(change.to),
        i64::from(change.cpu_percent),
        i64::from(change.cpu_target_percent),
        change.measured_ms,
    )?;
    execute!(tx, TRIM, id, MOST)?;
    Ok(())
}

/// Finds a deployment's newest change.
///
/// # Errors
/// Database errors.
pub async fn newest(
    source: impl Into<Source<'_>>,
    deployment: &Deployment,
) -> Result<Option<ScalingChange>, StoreError> {
    let mut source = source.into();
    let row = fetch_optional!(source, Row, NEWEST, deployment.deployment_id().uuid())?;
    Ok(row.map(Row::read))
}

/// Lists a deployment's changes within a range, newest first.
///
/// The total counts all changes of the deployment.
///
/// # Errors
/// Database errors.
pub async fn list(
    snapshot: &mut Snapshot,
    workspace_id: WorkspaceId,
    deployment_id: DeploymentId,
    (from, to): (Timestamp, Timestamp),
    limit: i64,
) -> Result<Rows<ScalingChange>, StoreError> {
    let (workspace, deployment) = (workspace_id.uuid(), deployment_id.uuid());
    let (from, to) = (from.micros(), to.micros());
    let rows = fetch_all!(snapshot, Row, LIST, workspace, deployment, from, to, limit)?;
    let (total,) = fetch_one!(snapshot, (i64,), COUNT, workspace, deployment)?;
    Ok(Rows {
        rows: rows.into_iter().map(Row::read).collect(),
        total,
    })
}
