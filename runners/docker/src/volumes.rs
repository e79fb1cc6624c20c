//! The volumes of a runner: named volumes of the engine, one for each.
//!
//! The engine's `local` driver keeps them as folders of the host. It cannot limit a volume's
//! size, and it has no options of its own for a plain folder, so the container must disarm a
//! set-uid program or a device node in it: no new privileges, no capability to make nodes, no
//! devices.

pub(crate) mod hidden;
pub(crate) mod owner;
pub(crate) mod trash;

use bollard::{
    Docker,
    models::{Mount, MountType, Volume, VolumeCreateRequest},
    query_parameters::RemoveVolumeOptions,
};
use models::{
    RunnerId, VolumeId,
    deployment::{FailureCode, VolumeMount},
    time::Timestamp,
};
use runner_common::{InstanceSpec, Owner, RunnerError};

use crate::{error, instances::moment, labels};

/// Returns a volume's name on the engine.
fn name(volume: VolumeId) -> String {
    format!("berth-{volume}")
}

/// Returns the mount of a volume, the only kind that a container ever gets.
pub(crate) fn mount(mount: &VolumeMount) -> Mount {
    Mount {
        typ: Some(MountType::VOLUME),
        source: Some(name(mount.volume_id)),
        target: Some(mount.path.to_string()),
        read_only: Some(false),
        ..Mount::default()
    }
}

/// Creates the missing volumes of an instance, except those that must exist.
///
/// Existing ones keep their content, and must be this runner's own.
pub(crate) async fn make(
    docker: &Docker,
    owner: &Owner,
    instance: &InstanceSpec,
) -> Result<(), RunnerError> {
    check_expected(docker, owner, instance).await?;
    for mount in &instance.spec.volumes {
        let volume = mount.volume_id;
        if !instance.expected_volumes.contains(&volume) {
            make_one(docker, owner, (instance.key.runner_id, volume)).await?;
        }
        trash::restore(docker, owner, volume).await?;
    }
    Ok(())
}

async fn make_one(
    docker: &Docker,
    owner: &Owner,
    whose: (RunnerId, VolumeId),
) -> Result<(), RunnerError> {
    let (runner_id, volume) = whose;
    let request = VolumeCreateRequest {
        name: Some(name(volume)),
        driver: Some("local".to_owned()),
        labels: Some(labels::of_volume(owner, runner_id, volume)),
        ..VolumeCreateRequest::default()
    };
    let found = docker.create_volume(request.clone()).await;
    let found = found.map_err(error::refused)?;
    if !is_of(owner, &found, whose) {
        return Err(foreign(volume));
    }
    if !has_folder(&found) {
        // The engine knows only the volume's name, and starts no container with it.
        remove_named(docker, &name(volume)).await?;
        let made = docker.create_volume(request).await;
        made.map_err(error::refused)?;
    }
    Ok(())
}

/// Checks that the expected volumes of an instance exist.
///
/// The engine creates an empty volume without labels for a container whose volume does not
/// exist, so this is checked again when the container is created: from then on the engine keeps
/// them.
///
/// # Errors
/// The first one that does not exist, or is another's.
pub(crate) async fn check_expected(
    docker: &Docker,
    owner: &Owner,
    instance: &InstanceSpec,
) -> Result<(), RunnerError> {
    let mounts = instance.spec.volumes.iter();
    for mount in mounts.filter(|mount| instance.expected_volumes.contains(&mount.volume_id)) {
        if !is_there(docker, owner, (instance.key.runner_id, mount.volume_id)).await? {
            return Err(RunnerError::volume_lost(mount));
        }
    }
    Ok(())
}

/// True if a volume of this runner exists with its folder.
///
/// Returns an error if the volume is another's.
pub(crate) async fn is_there(
    docker: &Docker,
    owner: &Owner,
    whose: (RunnerId, VolumeId),
) -> Result<bool, RunnerError> {
    let found = find(docker, owner, whose).await?;
    Ok(found.is_some_and(|found| has_folder(&found)))
}

/// True if a volume's folder is on the host.
///
/// The engine reads the creation time from there, and goes on to list a volume whose folder
/// went away while it ran.
fn has_folder(volume: &Volume) -> bool {
    made_at(volume).is_some()
}

/// Removes a runner's volume with all its data.
///
/// The engine refuses while any container has it.
pub(crate) async fn remove(
    docker: &Docker,
    owner: &Owner,
    whose: (RunnerId, VolumeId),
) -> Result<(), RunnerError> {
    let (_, volume) = whose;
    if is_own(docker, owner, whose).await? {
        remove_named(docker, &name(volume)).await?;
    }
    // Last, so that a partial removal is repeated.
    trash::restore(docker, owner, volume).await
}

/// True if the engine has this runner's volume; an error if it is another's.
async fn is_own(
    docker: &Docker,
    owner: &Owner,
    whose: (RunnerId, VolumeId),
) -> Result<bool, RunnerError> {
    Ok(find(docker, owner, whose).await?.is_some())
}

/// Returns a volume of this runner, if it exists; an error if it is another's.
async fn find(
    docker: &Docker,
    owner: &Owner,
    whose: (RunnerId, VolumeId),
) -> Result<Option<Volume>, RunnerError> {
    let (_, volume) = whose;
    let found = match docker.inspect_volume(&name(volume)).await {
        Err(error) if error::is_missing(&error) => return Ok(None),
        found => found.map_err(error::refused)?,
    };
    if is_of(owner, &found, whose) {
        Ok(Some(found))
    } else {
        Err(foreign(volume))
    }
}

fn is_of(owner: &Owner, found: &Volume, whose: (RunnerId, VolumeId)) -> bool {
    labels::is_volume(owner, &found.labels, whose, made_at(found))
}

/// Returns the creation time of a volume.
fn made_at(volume: &Volume) -> Option<Timestamp> {
    volume.created_at.as_deref().and_then(moment)
}

async fn remove_named(docker: &Docker, name: &str) -> Result<(), RunnerError> {
    let removed = docker.remove_volume(name, None::<RemoveVolumeOptions>);
    match removed.await {
        Err(error) if error::is_missing(&error) => Ok(()),
        Err(error) if error::has_status(&error, 409) => {
            let message = format!("A container is still using the volume {name}.");
            Err(RunnerError::platform(FailureCode::VolumeBusy, message).with_source(error))
        }
        removed => removed.map_err(error::refused),
    }
}

fn foreign(volume: VolumeId) -> RunnerError {
    let message = format!(
        "The engine already has a volume {}, which this runner did not create and does not touch. \
         If it belonged to this runner and its state folder was lost, start the runner once with \
         --adopt and its id.",
        name(volume)
    );
    RunnerError::platform(FailureCode::VolumeForeign, message).permanent()
}
