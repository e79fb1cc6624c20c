//! The trash: volumes that are kept for a while after their removal.
//!
//! The engine can neither rename a volume nor change its labels, so an empty volume beside it,
//! the note, records that it is retired and until when. The host's owner sees both in `docker
//! volume ls`.

use std::collections::HashMap;

use bollard::{
    Docker,
    models::{Volume, VolumeCreateRequest},
    query_parameters::ListVolumesOptionsBuilder,
};
use models::{RunnerId, VolumeId, time::Timestamp};
use runner_common::{Owner, RetiredVolume, RunnerError};

use super::{is_own, made_at, remove_named};
use crate::{error, labels};

/// Returns the name of the note on a retired volume.
fn note_name(volume: VolumeId) -> String {
    format!("berth-{volume}-retired")
}

/// Retires a volume until a moment.
///
/// A volume that was retired before keeps its first moment.
pub(crate) async fn retire(
    docker: &Docker,
    owner: &Owner,
    whose: (RunnerId, VolumeId),
    until: Timestamp,
) -> Result<(), RunnerError> {
    let (runner_id, volume) = whose;
    if !is_own(docker, owner, whose).await? {
        return Ok(());
    }
    let request = VolumeCreateRequest {
        name: Some(note_name(volume)),
        driver: Some("local".to_owned()),
        labels: Some(labels::of_retired(owner, runner_id, volume, until)),
        ..VolumeCreateRequest::default()
    };
    let created = docker.create_volume(request).await;
    created.map_err(error::refused)?;
    Ok(())
}

/// Lists the retired volumes of a runner, with the end of their retention.
pub(crate) async fn list(
    docker: &Docker,
    owner: &Owner,
    runner_id: RunnerId,
) -> Result<Vec<RetiredVolume>, RunnerError> {
    let filters = HashMap::from([(
        "label",
        vec![
            format!("{}={runner_id}", labels::RUNNER),
            labels::RETIRED.to_owned(),
        ],
    )]);
    let options = ListVolumesOptionsBuilder::default()
        .filters(&filters)
        .build();
    let listed = docker.list_volumes(Some(options)).await;
    let listed = listed.map_err(error::silent)?.volumes.unwrap_or_default();
    let read = |volume: &Volume| labels::retired(owner, &volume.labels, made_at(volume));
    Ok(listed.iter().filter_map(read).collect())
}

/// Removes the note of a volume that is in use again, or gone.
pub(crate) async fn restore(
    docker: &Docker,
    owner: &Owner,
    volume: VolumeId,
) -> Result<(), RunnerError> {
    let name = note_name(volume);
    let found = match docker.inspect_volume(&name).await {
        Err(error) if error::is_missing(&error) => return Ok(()),
        found => found.map_err(error::refused)?,
    };
    // A note of another runner does not concern this runner's volume.
    if labels::retired(owner, &found.labels, made_at(&found)).is_none() {
        return Ok(());
    }
    remove_named(docker, &name).await
}
