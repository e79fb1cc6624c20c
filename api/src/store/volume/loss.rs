//! Volumes whose data is expected on their runner's host, and those found missing.

use models::{DeploymentId, RunnerId, VolumeId, WorkspaceId, time::Timestamp};
use uuid::Uuid;

use crate::{
    db::{Db, Source, StoreError, Tx, execute, fetch_all, fetch_optional, statements},
    store::{deployment::Deployment, observation::Reporter},
};

statements! {
    EXPECTED_OF = "SELECT v.volume_id FROM volume v
                   JOIN volume_use u ON u.volume_id = v.volume_id
                   WHERE u.deployment_id = $1 AND v.expected_since IS NOT NULL
                   ORDER BY v.volume_id";
    NOT_IN_USE_OF = "SELECT v.volume_id FROM volume v
                     JOIN volume_use u ON u.volume_id = v.volume_id
                     WHERE u.deployment_id = $1 AND v.runner_id = $2
                     AND (v.expected_since IS NULL OR v.lost_at IS NOT NULL)
                     ORDER BY v.volume_id";
    PUT_IN_USE = "UPDATE volume SET expected_since = COALESCE(expected_since, $3), lost_at = NULL
                  WHERE volume_id = $1 AND runner_id = $2
                  AND (expected_since IS NULL OR lost_at IS NOT NULL)";
    IS_MISSED = "SELECT volume_id FROM volume
                 WHERE volume_id = $1 AND runner_id = $2
                 AND expected_since IS NOT NULL AND lost_at IS NULL";
    // The subquery is the fence: an older link may bring a report that a newer one has
    // corrected.
    SET_LOST = "UPDATE volume SET lost_at = $4
                WHERE volume_id = $1 AND runner_id = $2
                AND expected_since IS NOT NULL AND lost_at IS NULL
                AND EXISTS (SELECT 1 FROM runner r WHERE r.runner_id = $2 AND r.link_epoch = $3)";
    GIVE_UP = "UPDATE volume SET expected_since = NULL, lost_at = NULL, updated_at = $3
               WHERE workspace_id = $1 AND volume_id = $2 AND lost_at IS NOT NULL";
}

/// Lists a deployment's volumes whose data must be on the runner's host.
///
/// # Errors
/// Database errors.
pub async fn expected_of(
    source: impl Into<Source<'_>>,
    deployment: &Deployment,
) -> Result<Vec<VolumeId>, StoreError> {
    let mut source = source.into();
    let id = deployment.deployment_id().uuid();
    let rows = fetch_all!(source, (Uuid,), EXPECTED_OF, id)?;
    Ok(rows.into_iter().map(|(id,)| id.into()).collect())
}

/// Lists the volumes of a runner's deployment that are not expected yet, or lost.
///
/// # Errors
/// Database errors.
pub async fn not_in_use_of(
    tx: &mut Tx,
    runner_id: RunnerId,
    deployment_id: DeploymentId,
) -> Result<Vec<VolumeId>, StoreError> {
    let (deployment_id, runner_id) = (deployment_id.uuid(), runner_id.uuid());
    let rows = fetch_all!(tx, (Uuid,), NOT_IN_USE_OF, deployment_id, runner_id)?;
    Ok(rows.into_iter().map(|(id,)| id.into()).collect())
}

/// Records that an instance uses a volume; returns true if this is new.
///
/// From then on, its data must be on the runner's host. Clears a recorded loss.
///
/// # Errors
/// Database errors.
pub async fn put_in_use(
    tx: &mut Tx,
    runner_id: RunnerId,
    volume_id: VolumeId,
    at: Timestamp,
) -> Result<bool, StoreError> {
    let (volume_id, runner_id) = (volume_id.uuid(), runner_id.uuid());
    let changed = execute!(tx, PUT_IN_USE, volume_id, runner_id, at.micros())?;
    Ok(changed > 0)
}

/// True if a report that the volume is missing would be new.
///
/// The data must be expected and not recorded as lost.
///
/// # Errors
/// Database errors.
pub async fn is_missed(
    db: &Db,
    runner_id: RunnerId,
    volume_id: VolumeId,
) -> Result<bool, StoreError> {
    let row = fetch_optional!(db, (Uuid,), IS_MISSED, volume_id.uuid(), runner_id.uuid())?;
    Ok(row.is_some())
}

/// Records that a runner found an expected volume missing; returns true if new.
///
/// # Errors
/// Database errors.
pub async fn set_lost(
    tx: &mut Tx,
    reporter: Reporter,
    volume_id: VolumeId,
    at: Timestamp,
) -> Result<bool, StoreError> {
    let changed = execute!(
        tx,
        SET_LOST,
        volume_id.uuid(),
        reporter.runner_id.uuid(),
        reporter.epoch,
        at.micros(),
    )?;
    Ok(changed > 0)
}

/// Stops expecting the data of a lost volume; returns true if it was lost.
///
/// # Errors
/// Database errors.
pub async fn give_up(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    volume_id: VolumeId,
    at: Timestamp,
) -> Result<bool, StoreError> {
    let (workspace_id, volume_id) = (workspace_id.uuid(), volume_id.uuid());
    let changed = execute!(tx, GIVE_UP, workspace_id, volume_id, at.micros())?;
    Ok(changed > 0)
}
