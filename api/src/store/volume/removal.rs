//! The end of volumes: purge requests, and the runners' answers to them.

use models::{
    RunnerId, VolumeId, WorkspaceId, deployment::Failure, time::Timestamp, volume::RemovalFailure,
};
use sqlx::types::Json;
use uuid::Uuid;

use crate::db::{Db, StoreError, Tx, execute, fetch_all, fetch_optional, statements};

statements! {
    BEGIN_PURGE = "UPDATE volume SET purging_at = $1 WHERE purge_at <= $1 AND purging_at IS NULL";
    PURGING_ON = "SELECT DISTINCT runner_id FROM volume WHERE purging_at IS NOT NULL";
    TO_REMOVE = "SELECT volume_id FROM volume WHERE runner_id = $1 AND purging_at IS NOT NULL
                 ORDER BY volume_id";
    REMOVAL_FAILURE = "SELECT removal_failure, removal_failed_at FROM volume
                       WHERE volume_id = $1 AND runner_id = $2 AND purging_at IS NOT NULL";
    SET_REMOVAL_FAILURE = "UPDATE volume SET removal_failure = $3, removal_failed_at = $4
                           WHERE volume_id = $1 AND runner_id = $2 AND purging_at IS NOT NULL";
    DELETE_REMOVED = "DELETE FROM volume
                      WHERE volume_id = $1 AND runner_id = $2 AND purging_at IS NOT NULL";
    FORGET = "DELETE FROM volume
              WHERE workspace_id = $1 AND volume_id = $2 AND trashed_at IS NOT NULL";
}

/// Starts the purge of every volume whose time in the trash is over.
///
/// # Errors
/// Database errors.
pub async fn begin_purge(tx: &mut Tx, now: Timestamp) -> Result<(), StoreError> {
    execute!(tx, BEGIN_PURGE, now.micros())?;
    Ok(())
}

/// Lists the runners that have volumes to purge.
///
/// # Errors
/// Database errors.
pub async fn purging_on(db: &Db) -> Result<Vec<RunnerId>, StoreError> {
    let rows = fetch_all!(db, (Uuid,), PURGING_ON)?;
    Ok(rows.into_iter().map(|(id,)| id.into()).collect())
}

/// Lists the volumes that a runner should purge.
///
/// # Errors
/// Database errors.
pub async fn to_remove(db: &Db, runner_id: RunnerId) -> Result<Vec<VolumeId>, StoreError> {
    let rows = fetch_all!(db, (Uuid,), TO_REMOVE, runner_id.uuid())?;
    Ok(rows.into_iter().map(|(id,)| id.into()).collect())
}

/// Returns the last reason a runner gave for not purging a volume.
///
/// # Errors
/// [`StoreError::NotFound`] when the runner has no such volume to purge.
pub async fn removal_failure(
    db: &Db,
    runner_id: RunnerId,
    volume_id: VolumeId,
) -> Result<Option<RemovalFailure>, StoreError> {
    type Row = (Option<Json<Failure>>, Option<i64>);
    let row = fetch_optional!(db, Row, REMOVAL_FAILURE, volume_id.uuid(), runner_id.uuid())?;
    let (failure, at) = row.ok_or(StoreError::NotFound)?;
    Ok(read(failure, at))
}

/// Stores the reason a runner gave for not purging a volume.
///
/// # Errors
/// Database errors.
pub async fn set_removal_failure(
    tx: &mut Tx,
    runner_id: RunnerId,
    volume_id: VolumeId,
    failed: &RemovalFailure,
) -> Result<(), StoreError> {
    execute!(
        tx,
        SET_REMOVAL_FAILURE,
        volume_id.uuid(),
        runner_id.uuid(),
        Json(&failed.failure),
        failed.at.micros(),
    )?;
    Ok(())
}

/// Deletes a volume that a runner was asked to purge; returns true if it existed.
///
/// # Errors
/// Database errors.
pub async fn delete_removed(
    tx: &mut Tx,
    runner_id: RunnerId,
    volume_id: VolumeId,
) -> Result<bool, StoreError> {
    let deleted = execute!(tx, DELETE_REMOVED, volume_id.uuid(), runner_id.uuid())?;
    Ok(deleted > 0)
}

/// Deletes a workspace's volume that is in the trash; returns true if it existed.
///
/// # Errors
/// Database errors.
pub async fn forget(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    volume_id: VolumeId,
) -> Result<bool, StoreError> {
    let deleted = execute!(tx, FORGET, workspace_id.uuid(), volume_id.uuid())?;
    Ok(deleted > 0)
}

/// Converts the columns with a runner's last reason.
pub(super) fn read(failure: Option<Json<Failure>>, at: Option<i64>) -> Option<RemovalFailure> {
    let (Json(failure), at) = failure.zip(at)?;
    let at = Timestamp::from_micros(at);
    Some(RemovalFailure { failure, at })
}
