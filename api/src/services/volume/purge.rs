//! Purge of volumes whose time in the trash is over: their runner removes the data.
//!
//! A runner is asked by name for each volume, again and again until it reports the volume as
//! gone. Nothing else makes a runner remove data.

use models::{
    RunnerId, VolumeId, WorkspaceId, deployment::Failure, error::ErrorCode, volume::RemovalFailure,
};

use crate::{
    app::App,
    bus::Event,
    db::{Commit, StoreError},
    error::AppError,
    services::{jobs::purge_volumes, untrusted_text},
    store,
};

/// Time after a runner's answer in which more are ignored, in milliseconds.
///
/// It keeps a runner from making the server write without end.
const DEAF_MS: i64 = purge_volumes::EVERY_MS / 2;

/// Starts due purges, and asks the runners that have volumes to remove.
pub async fn purge_due(app: &App) -> Result<(), AppError> {
    let now = app.clock.now();
    app.db
        .write(async |tx| store::volume::begin_purge(tx, now).await.map(Commit))
        .await?;
    for runner_id in store::volume::purging_on(&app.db).await? {
        app.bus.publish(Event::VolumesToRemove { runner_id });
    }
    Ok(())
}

/// Lists the volumes that a runner should remove.
pub async fn due_for_removal(app: &App, runner_id: RunnerId) -> Result<Vec<VolumeId>, AppError> {
    Ok(store::volume::to_remove(&app.db, runner_id).await?)
}

/// Deletes the record of a volume that its runner reports as removed.
///
/// A runner can report only its own volumes, and only those it was asked to remove.
pub async fn removed(app: &App, runner_id: RunnerId, volume_id: VolumeId) -> Result<(), AppError> {
    // Checked first without a write, so that repeated reports do not block other writers.
    match store::volume::removal_failure(&app.db, runner_id, volume_id).await {
        Err(StoreError::NotFound) => return Ok(()),
        asked => asked?,
    };
    let deleting = app.db.write(async |tx| {
        let was_there = store::volume::delete_removed(tx, runner_id, volume_id).await?;
        Ok::<_, AppError>(Commit(was_there))
    });
    if deleting.await? {
        tracing::info!(runner.id = %runner_id, volume.id = %volume_id, "a volume was purged");
    }
    Ok(())
}

/// Records why a runner could not remove a volume yet.
pub async fn record_removal_failure(
    app: &App,
    runner_id: RunnerId,
    volume_id: VolumeId,
    failure: &Failure,
) -> Result<(), AppError> {
    let before = match store::volume::removal_failure(&app.db, runner_id, volume_id).await {
        // The runner was not asked, or a person forgot the volume meanwhile.
        Err(StoreError::NotFound) => return Ok(()),
        before => before?,
    };
    let now = app.clock.now();
    let is_deaf = |failed: &RemovalFailure| (0..DEAF_MS).contains(&now.millis_since(failed.at));
    if before.as_ref().is_some_and(is_deaf) {
        return Ok(());
    }
    let failed = RemovalFailure {
        failure: untrusted_text::sanitize_failure(failure),
        at: now,
    };
    app.db
        .write(async |tx| {
            store::volume::set_removal_failure(tx, runner_id, volume_id, &failed).await?;
            Ok::<_, AppError>(Commit(()))
        })
        .await?;
    if before.is_none_or(|before| before.failure != failed.failure) {
        tracing::warn!(
            runner.id = %runner_id, volume.id = %volume_id,
            failure.code = %failed.failure.code, failure.message = failed.failure.message,
            "a volume could not be purged yet; retrying"
        );
    }
    Ok(())
}

/// Drops the record of a volume in the trash, whatever becomes of its data.
///
/// This is the way out when a runner never returns or never can remove the data. The volume is
/// not attached, and no other volume ever gets its id, so leftover data cannot reappear.
pub async fn forget(
    app: &App,
    workspace_id: WorkspaceId,
    volume_id: VolumeId,
) -> Result<(), AppError> {
    app.db
        .write(async |tx| {
            if !store::volume::forget(tx, workspace_id, volume_id).await? {
                // A volume of another workspace is "not found".
                let now = app.clock.now();
                store::volume::find(tx, workspace_id, volume_id, now).await?;
                return Err(AppError::from(ErrorCode::VolumeNotInTrash));
            }
            Ok(Commit(()))
        })
        .await?;
    tracing::info!(volume.id = %volume_id, "forgot a volume; its data stays on the runner's host");
    Ok(())
}
