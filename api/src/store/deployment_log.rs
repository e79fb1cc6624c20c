//! Totals of each deployment's log: its last position and its sizes.
//!
//! A transaction that changes the segments of a log changes this row first, so that writers of
//! one log take turns.

use models::{DeploymentId, RunnerId};
use uuid::Uuid;

use crate::db::{Db, StoreError, Tx, execute, fetch_all, fetch_optional, statements};

statements! {
    TAKE_POSITIONS = "INSERT INTO deployment_log (deployment_id, position)
                      SELECT d.deployment_id, CAST($3 AS BIGINT) FROM deployment d
                      WHERE d.deployment_id = $1 AND d.runner_id = $2
                      ON CONFLICT (deployment_id)
                      DO UPDATE SET position = deployment_log.position + $3
                      RETURNING position, closed_to, open_segments, open_bytes, stored_bytes";
    CHANGE = "UPDATE deployment_log
              SET closed_to = closed_to + $2, open_segments = open_segments + $3,
                  open_bytes = open_bytes + $4, stored_bytes = stored_bytes + $5
              WHERE deployment_id = $1
              RETURNING position, closed_to, open_segments, open_bytes, stored_bytes";
    FIND = "SELECT position, closed_to, open_segments, open_bytes, stored_bytes
            FROM deployment_log WHERE deployment_id = $1";
    LARGER_THAN = "SELECT deployment_id FROM deployment_log WHERE stored_bytes > $1";
    DELETE = "DELETE FROM deployment_log WHERE deployment_id = $1";
}

/// Totals of a deployment's log.
#[derive(Clone, Copy, Debug, sqlx::FromRow)]
pub struct DeploymentLog {
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

/// Reserves positions at the end of a deployment's log.
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
) -> Result<Option<DeploymentLog>, StoreError> {
    fetch_optional!(
        tx,
        DeploymentLog,
        TAKE_POSITIONS,
        deployment_id.uuid(),
        runner_id.uuid(),
        count,
    )
}

/// Adds to a log's totals and returns the new ones; `None` if the log is gone.
///
/// The log is locked against other writers until the transaction ends.
///
/// # Errors
/// Database errors.
pub async fn change(
    tx: &mut Tx,
    deployment_id: DeploymentId,
    by: Change,
) -> Result<Option<DeploymentLog>, StoreError> {
    fetch_optional!(
        tx,
        DeploymentLog,
        CHANGE,
        deployment_id.uuid(),
        by.closed_to,
        by.open_segments,
        by.open_bytes,
        by.stored_bytes,
    )
}

/// Finds the totals of a deployment's log; `None` if nothing was ever printed.
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
pub async fn delete(tx: &mut Tx, deployment_id: DeploymentId) -> Result<(), StoreError> {
    execute!(tx, DELETE, deployment_id.uuid())?;
    Ok(())
}
