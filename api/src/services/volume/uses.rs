//! Attachment of volumes: each to at most one deployment.
//!
//! It lasts from the first mention in the settings to the last release that mounts the volume.

use models::{
    deployment::{Spec, VolumeMount},
    error::{ApiError, ErrorCode, FieldError},
    time::Timestamp,
};

use super::{can_keep_volumes, in_use};
use crate::{
    db::{StoreError, Tx},
    error::AppError,
    store::{self, deployment::LockedDeployment},
};

/// Attaches the volumes that new settings mount to their deployment.
///
/// They are locked in the order of their ids, so that two deployments that want the same
/// volumes do not deadlock.
pub(in crate::services) async fn claim(
    tx: &mut Tx,
    deployment: &LockedDeployment,
    spec: &Spec,
    now: Timestamp,
) -> Result<(), AppError> {
    if spec.volumes.is_empty() {
        return Ok(());
    }
    let (workspace_id, runner_id) = (deployment.workspace_id(), deployment.runner_id());
    let runner = store::runner::find(&mut *tx, workspace_id, runner_id, now).await?;
    can_keep_volumes(&runner.ok_or(ErrorCode::RunnerNotFound)?)?;
    let mut mounts: Vec<_> = spec.volumes.iter().enumerate().collect();
    mounts.sort_by_key(|(_, mount)| mount.volume_id);
    for (at, mount) in mounts {
        claim_volume(tx, deployment, mount, now)
            .await
            .map_err(|error| with_field(error, at))?;
    }
    Ok(())
}

async fn claim_volume(
    tx: &mut Tx,
    deployment: &LockedDeployment,
    mount: &VolumeMount,
    now: Timestamp,
) -> Result<(), AppError> {
    let workspace_id = deployment.workspace_id();
    let volume = store::volume::find_locked(tx, workspace_id, mount.volume_id, now)
        .await
        .map_err(|error| match error {
            StoreError::NotFound => ErrorCode::VolumeNotFound.into(),
            error => AppError::from(error),
        })?;
    if volume.environment.environment_id != deployment.environment_id() {
        return Err(ErrorCode::VolumeNotFound.into());
    }
    let other = volume.attached.as_ref();
    if other.is_some_and(|other| other.deployment_id != deployment.deployment_id()) {
        return Err(in_use(&volume).into());
    }
    if volume.runner_id != deployment.runner_id() {
        return Err(ErrorCode::VolumeOnOtherRunner.into());
    }
    if volume.trash.is_some() {
        return Err(ErrorCode::VolumeInTrash.into());
    }
    store::volume::attach(tx, deployment, mount).await?;
    Ok(())
}

/// Adds the field of the volume mount to an error.
fn with_field(error: AppError, at: usize) -> AppError {
    let answer = error.answer();
    if answer.code.status().is_server_error() {
        return error;
    }
    let field = FieldError {
        field: format!("spec.volumes[{at}].volume_id"),
        message: answer.message.clone(),
    };
    ApiError {
        fields: vec![field],
        ..answer.clone()
    }
    .into()
}

/// Detaches the volumes that a deployment no longer needs.
///
/// These are in neither the settings, nor the live release, nor a release under way.
pub(in crate::services) async fn release_volumes(
    tx: &mut Tx,
    deployment: &LockedDeployment,
) -> Result<(), AppError> {
    let attached = store::volume::attached_to(tx, deployment).await?;
    if attached.is_empty() {
        return Ok(());
    }
    let referenced = referenced_by(tx, deployment).await?;
    for volume_id in attached {
        let of_it = |mount: &&VolumeMount| mount.volume_id == volume_id;
        match referenced.iter().find(of_it) {
            Some(mount) => store::volume::attach(tx, deployment, mount).await?,
            None => store::volume::detach(tx, deployment, volume_id).await?,
        }
    }
    Ok(())
}

/// Returns the volumes of the settings, the release under way and the live one.
async fn referenced_by(
    tx: &mut Tx,
    locked: &LockedDeployment,
) -> Result<Vec<VolumeMount>, AppError> {
    let (workspace_id, deployment_id) = (locked.workspace_id(), locked.deployment_id());
    // Read again, because the settings may have changed since the row was locked.
    let now = store::deployment::find(&mut *tx, workspace_id, deployment_id).await?;
    let mut referenced = now.spec().volumes.clone();
    if let Some(release) = store::release::under_way(&mut *tx, &now).await? {
        referenced.extend_from_slice(&release.spec().volumes);
    }
    if let Some(live) = store::release::live(tx, &now).await? {
        referenced.extend_from_slice(&live.spec().volumes);
    }
    Ok(referenced)
}
