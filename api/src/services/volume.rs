//! Volumes: creation, attachment to one deployment at a time, trash and purge.

mod loss;
mod purge;
mod uses;

use models::{
    RunnerId, VolumeId, WorkspaceId,
    api::workspace::volume::{CreateVolumeRequest, UpdateVolumeRequest},
    error::{ApiError, ErrorCode},
    page::{EnvironmentPageQuery, Page, PageQuery},
    runner::Runner,
    time::Timestamp,
    volume::Volume,
};

pub(super) use loss::{expected, put_in_use, seen_in_use};
pub use loss::{lost, replace_lost};
pub use purge::{due_for_removal, forget, purge_due, record_removal_failure, removed};
pub(super) use uses::{claim, release_volumes};

use super::{behind, environment, name_cursor, page, rows_wanted};
use crate::{
    app::App,
    db::{Commit, Constraint, StoreError, Tx},
    error::AppError,
    store::{self, volume::NewVolume},
};

/// Creates a volume.
///
/// Its runner creates the folder when a deployment first uses it.
pub async fn create(
    app: &App,
    workspace_id: WorkspaceId,
    request: CreateVolumeRequest,
) -> Result<Volume, AppError> {
    let volume_id = VolumeId::from_uuid(app.ids.next());
    let now = app.clock.now();
    app.db
        .write(async |tx| {
            let runner_id = request.runner_id;
            let runner = store::runner::find(&mut *tx, workspace_id, runner_id, now).await?;
            can_keep_volumes(&runner.ok_or(ErrorCode::RunnerNotFound)?)?;
            let wanted = request.environment.as_ref();
            let environment = environment::find(&mut *tx, workspace_id, wanted).await?;
            let new = NewVolume {
                volume_id,
                workspace_id,
                environment_id: environment.environment_id,
                runner_id,
                name: &request.name,
                size: request.size_bytes,
                at: now,
            };
            store::volume::insert(tx, new).await.map_err(|error| {
                // The runner was deleted since the check.
                if error.is_conflict(Constraint::ForeignKey) {
                    ErrorCode::RunnerNotFound.into()
                } else {
                    name_taken(error)
                }
            })?;
            let volume = store::volume::find(tx, workspace_id, volume_id, now).await?;
            Ok(Commit(volume))
        })
        .await
}

/// Returns a volume, even one in the trash.
pub async fn get(
    app: &App,
    workspace_id: WorkspaceId,
    volume_id: VolumeId,
) -> Result<Volume, AppError> {
    let now = app.clock.now();
    Ok(store::volume::find(&app.db, workspace_id, volume_id, now).await?)
}

/// Lists a workspace's volumes by name, including those in the trash.
pub async fn list(
    app: &App,
    workspace_id: WorkspaceId,
    query: &EnvironmentPageQuery,
) -> Result<Page<Volume>, AppError> {
    let wanted = query.page();
    let (behind, limit, now) = (behind(&wanted)?, rows_wanted(&wanted), app.clock.now());
    let mut snapshot = app.db.snapshot().await?;
    let within = environment::within(&mut snapshot, workspace_id, query).await?;
    let rows = store::volume::list(&mut snapshot, workspace_id, within, behind, limit, now).await?;
    page(rows, &wanted, cursor, Ok)
}

/// Lists a runner's volumes by name.
pub async fn list_on(
    app: &App,
    workspace_id: WorkspaceId,
    runner_id: RunnerId,
    query: &PageQuery,
) -> Result<Page<Volume>, AppError> {
    let mut snapshot = app.db.snapshot().await?;
    super::runner::read(app, &mut snapshot, workspace_id, runner_id).await?;
    let (behind, wanted, now) = (behind(query)?, rows_wanted(query), app.clock.now());
    let rows =
        store::volume::list_on(&mut snapshot, workspace_id, runner_id, behind, wanted, now).await?;
    page(rows, query, cursor, Ok)
}

fn cursor(last: &Volume) -> String {
    name_cursor(&last.name, last.volume_id.uuid())
}

/// Renames or enlarges a volume.
pub async fn update(
    app: &App,
    workspace_id: WorkspaceId,
    volume_id: VolumeId,
    request: UpdateVolumeRequest,
) -> Result<Volume, AppError> {
    change(app, workspace_id, volume_id, async |tx, volume, now| {
        let size = request.size_bytes.unwrap_or(volume.size_bytes);
        if size < volume.size_bytes {
            return Err(ErrorCode::VolumeCannotShrink.into());
        }
        let name = request.name.as_ref().unwrap_or(&volume.name);
        store::volume::change(tx, workspace_id, volume_id, name, size, now)
            .await
            .map_err(name_taken)
    })
    .await
}

/// Moves a volume that is not attached to the trash.
///
/// A volume in the trash stays as it is.
pub async fn delete(
    app: &App,
    workspace_id: WorkspaceId,
    volume_id: VolumeId,
) -> Result<Volume, AppError> {
    change(app, workspace_id, volume_id, async |tx, volume, now| {
        if volume.attached.is_some() {
            return Err(in_use(&volume).into());
        }
        if volume.trash.is_none() {
            let until = now.plus_millis(app.config.volumes.trash_ms());
            store::volume::set_trash(tx, workspace_id, volume_id, Some(until), now).await?;
        }
        Ok(())
    })
    .await
}

/// Restores a volume from the trash.
///
/// A volume outside of the trash stays as it is.
pub async fn restore(
    app: &App,
    workspace_id: WorkspaceId,
    volume_id: VolumeId,
) -> Result<Volume, AppError> {
    change(app, workspace_id, volume_id, async |tx, volume, now| {
        if let Some(trash) = &volume.trash {
            if trash.is_purging || trash.purge_at <= now {
                return Err(ErrorCode::VolumeBeingPurged.into());
            }
            store::volume::set_trash(tx, workspace_id, volume_id, None, now).await?;
        }
        Ok(())
    })
    .await
}

/// Locks a volume, changes it, and returns it as it is then.
async fn change(
    app: &App,
    workspace_id: WorkspaceId,
    volume_id: VolumeId,
    apply: impl AsyncFnOnce(&mut Tx, Volume, Timestamp) -> Result<(), AppError>,
) -> Result<Volume, AppError> {
    let now = app.clock.now();
    app.db
        .write(async |tx| {
            let volume = store::volume::find_locked(tx, workspace_id, volume_id, now).await?;
            apply(tx, volume, now).await?;
            let volume = store::volume::find(tx, workspace_id, volume_id, now).await?;
            Ok(Commit(volume))
        })
        .await
}

/// Checks that a runner supports volumes.
///
/// A runner that never connected passes; it refuses by itself if it must.
fn can_keep_volumes(runner: &Runner) -> Result<(), ErrorCode> {
    match &runner.about {
        Some(about) if !about.volumes => Err(ErrorCode::RunnerWithoutVolumes),
        _ => Ok(()),
    }
}

/// Returns the error for an attached volume.
///
/// It names the deployment, because people need that to detach the volume.
fn in_use(volume: &Volume) -> ApiError {
    let error = ApiError::new(ErrorCode::VolumeInUse);
    let Some(attached) = &volume.attached else {
        return error;
    };
    error.with_message(format!(
        "The deployment {} uses this volume. Remove the volume from its settings and deploy first.",
        attached.name
    ))
}

fn name_taken(error: StoreError) -> AppError {
    if error.is_conflict(Constraint::VolumeName) {
        ErrorCode::VolumeNameTaken.into()
    } else {
        error.into()
    }
}
