//! The end of a volume: its time in the trash is over, and its runner removes the data.
//!
//! A runner is asked by name for each volume, again and again until it says that the volume is not
//! there. Nothing else makes a runner remove data.

use models::{RunnerId, VolumeId};

use crate::{app::App, bus::Event, error::AppError, store};

/// How often volumes are looked for whose time is over, and runners are asked again, in
/// milliseconds.
pub const PURGE_EVERY_MS: i64 = 60_000;

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
    let mut tx = app.db.begin().await?;
    let was_there = store::volume::delete_removed(&mut tx, runner_id, volume_id).await?;
    tx.commit().await?;
    if was_there {
        tracing::info!(runner.id = %runner_id, volume.id = %volume_id, "a volume was purged");
    }
    Ok(())
}
