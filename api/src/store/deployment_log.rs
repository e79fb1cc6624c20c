//! Totals of each deployment's log: its last position and its sizes.
//!
//! A transaction that changes the segments of a log locks this row first, so that writers of
//! one log take turns. Other modules take the row, locked or not, as proof that the log was found
//! through its runner, or by the sweep over all logs.

use std::ops::Deref;

use models::{DeploymentId, RunnerId};
use uuid::Uuid;

use crate::db::{Db, StoreError, Tx, execute, fetch_all, fetch_one, fetch_optional, statements};

statements! {
    TAKE_POSITIONS = "INSERT INTO deployment_log (deployment_id, position)
                      SELECT d.deployment_id, CAST($3 AS BIGINT) FROM deployment d
                      WHERE d.deployment_id = $1 AND d.runner_id = $2
                      ON CONFLICT (deployment_id)
                      DO UPDATE SET position = deployment_log.position + $3
                      RETURNING deployment_id, position, closed_to, open_segments, open_bytes, stored_bytes";
    CHANGE = "UPDATE deployment_log
              SET closed_to = closed_to + $2, open_segments = open_segments + $3,
                  open_bytes = open_bytes + $4, stored_bytes = stored_bytes + $5
              WHERE deployment_id = $1
              RETURNING deployment_id, position, closed_to, open_segments, open_bytes, stored_bytes";
    FIND = "SELECT deployment_id, position, closed_to, open_segments, open_bytes, stored_bytes
            FROM deployment_log WHERE deployment_id = $1";
    OF_RUNNER = "SELECT d.deployment_id, COALESCE(l.position, 0) AS position,
                        COALESCE(l.closed_to, 0) AS closed_to,
                        COALESCE(l.open_segments, 0) AS open_segments,
                        COALESCE(l.open_bytes, 0) AS open_bytes,
                        COALESCE(l.stored_bytes, 0) AS stored_bytes
                 FROM deployment d
                 LEFT JOIN deployment_log l ON l.deployment_id = d.deployment_id
                 WHERE d.deployment_id = $1 AND d.runner_id = $2";
    LARGER_THAN = "SELECT deployment_id FROM deployment_log WHERE stored_bytes > $1";
    DELETE = "DELETE FROM deployment_log WHERE deployment_id = $1";
}

/// Totals of a deployment's log.
#[derive(Clone, Copy, Debug, sqlx::FromRow)]
pub struct DeploymentLog {
    deployment_id: Uuid,
    /// Highest position ever given to a line.
    pub position: i64,
    /// Last position in a closed segment.
    pub closed_to: i64,
    /// Number of open segments.
    pub open_segments: i64,
    /// Uncompressed bytes of the open segments.
    pub open_bytes: i64,
    /// Stored bytes of all segments.
    pub stored_bytes: i64,
}

impl DeploymentLog {
    /// Returns the deployment whose log it is.
    pub fn deployment_id(&self) -> DeploymentId {
        self.deployment_id.into()
    }
}

/// A log that its transaction has locked against other writers.
#[derive(Clone, Copy, Debug)]
pub struct LockedLog(DeploymentLog);

impl Deref for LockedLog {
    type Target = DeploymentLog;

    fn deref(&self) -> &DeploymentLog {
        &self.0
    }
}

/// Differences to add to the fields of a [`DeploymentLog`].
#[derive(Clone, Copy, Debug, Default)]
pub struct Change {
    /// Advance of the last closed position.
    pub closed_to: i64,
    /// Change in the number of open segments.
    pub open_segments: i64,
    /// Change in their uncompressed bytes.
    pub open_bytes: i64,
    /// Change in the stored bytes of all segments.
    pub stored_bytes: i64,
}

/// Reserves positions at the end of a deployment's log, and locks it.
///
/// Returns `None` when the deployment is not the runner's.
///
/// # Errors
/// Database errors.
pub async fn take_positions(
    tx: &mut Tx,
    runner_id: RunnerId,
    deployment_id: DeploymentId,
    count: i64,
) -> Result<Option<LockedLog>, StoreError> {
    let row = fetch_optional!(
        tx,
        DeploymentLog,
        TAKE_POSITIONS,
        deployment_id.uuid(),
        runner_id.uuid(),
        count,
    )?;
    Ok(row.map(LockedLog))
}

/// Locks a log until the transaction ends.
///
/// Returns `None` when the log is gone or was never written.
///
/// # Errors
/// Database errors.
pub async fn lock(tx: &mut Tx, log: &DeploymentLog) -> Result<Option<LockedLog>, StoreError> {
    let row = fetch_optional!(
        tx,
        DeploymentLog,
        CHANGE,
        log.deployment_id,
        0_i64,
        0_i64,
        0_i64,
        0_i64
    )?;
    Ok(row.map(LockedLog))
}

/// Adds to a log's totals, and returns the new ones.
///
/// # Errors
/// Database errors.
pub async fn change(tx: &mut Tx, log: &LockedLog, by: Change) -> Result<DeploymentLog, StoreError> {
    fetch_one!(
        tx,
        DeploymentLog,
        CHANGE,
        log.deployment_id,
        by.closed_to,
        by.open_segments,
        by.open_bytes,
        by.stored_bytes,
    )
}

/// Finds the log of a runner's deployment, empty if nothing was ever printed.
///
/// Returns `None` when the deployment is not the runner's.
///
/// # Errors
/// Database errors.
pub async fn of_runner(
    db: &Db,
    runner_id: RunnerId,
    deployment_id: DeploymentId,
) -> Result<Option<DeploymentLog>, StoreError> {
    let (deployment_id, runner_id) = (deployment_id.uuid(), runner_id.uuid());
    fetch_optional!(db, DeploymentLog, OF_RUNNER, deployment_id, runner_id)
}

/// Finds the totals of a deployment's log; `None` if nothing was ever printed.
///
/// For the sweeps over the logs of all workspaces, which merge and trim them.
///
/// # Errors
/// Database errors.
pub async fn find(
    db: &Db,
    deployment_id: DeploymentId,
) -> Result<Option<DeploymentLog>, StoreError> {
    fetch_optional!(db, DeploymentLog, FIND, deployment_id.uuid())
}

/// Lists the deployments whose logs take more than `bytes` bytes.
///
/// # Errors
/// Database errors.
pub async fn larger_than(db: &Db, bytes: i64) -> Result<Vec<DeploymentId>, StoreError> {
    let rows = fetch_all!(db, (Uuid,), LARGER_THAN, bytes)?;
    Ok(rows.into_iter().map(|(id,)| id.into()).collect())
}

/// Deletes the totals of a deployment's log.
///
/// # Errors
/// Database errors.
pub async fn delete(tx: &mut Tx, log: &LockedLog) -> Result<(), StoreError> {
    execute!(tx, DELETE, log.deployment_id)?;
    Ok(())
}
