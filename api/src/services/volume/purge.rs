//! The end of a volume: its time in the trash is over, and its runner removes the data.
//!
//! A runner is asked by name for each volume, again and again until it says that the volume is not
//! there. Nothing else makes a runner remove data.

use models::{
    RunnerId, VolumeId, WorkspaceId, deployment::Failure, error::ErrorCode, volume::Kept,
};

use crate::{app::App, bus::Event, db::StoreError, error::AppError, services::said, store};

/// How often volumes are looked for whose time is over, and runners are asked again, in
/// milliseconds.
pub const PURGE_EVERY_MS: i64 = 60_000;

/// How long after a runner's word on a volume the next one is not heard, in milliseconds: no runner
/// can make the server write without end.
const DEAF_MS: i64 = PURGE_EVERY_MS / 2;

/// Closes the way back for what is due, and asks the runners that have something to remove.
pub async fn purge_due(app: &App) -> Result<(), AppError> {
    let mut tx = app.db.begin().await?;
    store::volume::begin_purge(&mut tx, app.clock.now()).await?;
    tx.commit().await?;
    for runner_id in store::volume::purging_on(&app.db).await? {
        app.bus.publish(Event::VolumesToRemove { runner_id });
    }
    Ok(())
}

/// What a runner should remove.
pub async fn to_remove(app: &App, runner_id: RunnerId) -> Result<Vec<VolumeId>, AppError> {
    Ok(store::volume::to_remove(&app.db, runner_id).await?)
}

/// Forgets a volume, because its runner says that it is not there any more.
///
/// A runner's word counts for what it was asked for, and for its own volumes only.
pub async fn removed(app: &App, runner_id: RunnerId, volume_id: VolumeId) -> Result<(), AppError> {
    // Asked first, so that whoever says so without end keeps nobody from writing.
    match store::volume::kept(&app.db, runner_id, volume_id).await {
        Err(StoreError::NotFound) => return Ok(()),
        asked => asked?,
    };
    let mut tx = app.db.begin().await?;
    let was_there = store::volume::delete_removed(&mut tx, runner_id, volume_id).await?;
    tx.commit().await?;
    if was_there {
        tracing::info!(runner.id = %runner_id, volume.id = %volume_id, "a volume was purged");
    }
    Ok(())
}

/// Notes why a volume is still there although its runner was asked to remove it.
pub async fn kept(
    app: &App,
    runner_id: RunnerId,
    volume_id: VolumeId,
    failure: &Failure,
) -> Result<(), AppError> {
    let before = match store::volume::kept(&app.db, runner_id, volume_id).await {
        // It was not asked to, or somebody forgot the volume meanwhile.
        Err(StoreError::NotFound) => return Ok(()),
        before => before?,
    };
    let now = app.clock.now();
    let is_deaf = |kept: &Kept| (0..DEAF_MS).contains(&now.millis_since(kept.at));
    if before.as_ref().is_some_and(is_deaf) {
        return Ok(());
    }
    let kept = Kept {
        failure: said::failure(failure),
        at: now,
    };
    let mut tx = app.db.begin().await?;
    store::volume::set_kept(&mut tx, runner_id, volume_id, &kept).await?;
    tx.commit().await?;
    if before.is_none_or(|before| before.failure != kept.failure) {
        tracing::warn!(
            runner.id = %runner_id, volume.id = %volume_id,
            failure.code = kept.failure.code, failure.message = kept.failure.message,
            "a volume could not be removed yet; its runner will be asked again"
        );
    }
    Ok(())
}

/// Forgets a volume that is in the trash, whatever becomes of its data.
///
/// It is the way out when a runner never comes back or never can remove the data. Nothing has the
/// volume, and no other volume ever gets its id, so what stays behind meets nobody.
pub async fn forget(
    app: &App,
    workspace_id: WorkspaceId,
    volume_id: VolumeId,
) -> Result<(), AppError> {
    let mut tx = app.db.begin().await?;
    if !store::volume::forget(&mut tx, workspace_id, volume_id).await? {
        // Another workspace's is not found.
        let now = app.clock.now();
        store::volume::find(&mut tx, workspace_id, volume_id, now).await?;
        return Err(ErrorCode::VolumeNotInTrash.into());
    }
    tx.commit().await?;
    tracing::info!(volume.id = %volume_id, "a volume was forgotten; its data stays where it is");
    Ok(())
}
