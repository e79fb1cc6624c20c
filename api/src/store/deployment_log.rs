//! What is known of each deployment's log as a whole.
//!
//! Whoever changes segments of a log changes this row first, in the same transaction, so that two
//! who do so come one after the other.

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

/// A deployment's log as a whole.
#[derive(Clone, Copy, Debug, sqlx::FromRow)]
pub struct DeploymentLog {
    /// The highest position ever given to a line.
    pub position: i64,
    /// The last position that is in a closed segment.
    pub closed_to: i64,
    /// How many open segments there are.
    pub open_segments: i64,
    /// How many bytes open segments have, uncompressed.
    pub open_bytes: i64,
    /// How many bytes all segments take.
    pub stored_bytes: i64,
}

/// By how much the fields of a [`DeploymentLog`] change.
#[derive(Clone, Copy, Debug, Default)]
pub struct Change {
    /// How much further segments are closed.
    pub closed_to: i64,
    /// Open segments.
    pub open_segments: i64,
    /// Their bytes, uncompressed.
    pub open_bytes: i64,
    /// What all segments take.
    pub stored_bytes: i64,
}

/// Reserves places at the end of a deployment's log; none when the deployment is not the runner's.
///
/// # Errors
/// Those of the database.
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

/// Changes what is known of a log and gives what is known then; none when there is none any more.
/// Nobody else changes the log until the transaction ends.
///
/// # Errors
/// Those of the database.
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

/// What is known of a deployment's log; none when nothing was ever printed.
///
/// # Errors
/// Those of the database.
pub async fn find(
    db: &Db,
    deployment_id: DeploymentId,
) -> Result<Option<DeploymentLog>, StoreError> {
    fetch_optional!(db, DeploymentLog, FIND, deployment_id.uuid())
}

/// The deployments whose logs take more than so many bytes.
///
/// # Errors
/// Those of the database.
pub async fn larger_than(db: &Db, bytes: i64) -> Result<Vec<DeploymentId>, StoreError> {
    let rows = fetch_all!(db, (Uuid,), LARGER_THAN, bytes)?;
    Ok(rows.into_iter().map(|(id,)| id.into()).collect())
}

/// Forgets what is known of a deployment's log.
///
/// # Errors
/// Those of the database.
pub async fn delete(tx: &mut Tx, deployment_id: DeploymentId) -> Result<(), StoreError> {
    execute!(tx, DELETE, deployment_id.uuid())?;
    Ok(())
}
