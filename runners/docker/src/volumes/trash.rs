//! Volumes that are kept for a while after their removal.
//!
//! The engine can neither rename a volume nor change its labels, so an empty volume beside it says that
//! it is retired and until when. Whoever owns the machine sees both in `docker volume ls`.

use std::collections::HashMap;

use bollard::{
    Docker,
    models::{Volume, VolumeCreateRequest},
    query_parameters::ListVolumesOptionsBuilder,
};
use models::{RunnerId, VolumeId, time::Timestamp};
use runner_common::{Owner, Retired, RunnerError};

use super::{is_own, made_at, remove_named};
use crate::{error, labels};

/// What the note is called that says that a volume is retired.
fn note(volume: VolumeId) -> String {
    format!("berth-{volume}-retired")
}

/// Notes that a volume is kept until a moment. One that was noted before keeps its moment.
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
        name: Some(note(volume)),
        driver: Some("local".to_owned()),
        labels: Some(labels::of_retired(owner, runner_id, volume, until)),
        ..VolumeCreateRequest::default()
    };
    let created = docker.create_volume(request).await;
    created.map_err(error::refused)?;
    Ok(())
}

/// The volumes of a runner that are kept, and until when.
pub(crate) async fn list(
    docker: &Docker,
    owner: &Owner,
    runner_id: RunnerId,
) -> Result<Vec<Retired>, RunnerError> {
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

/// A volume is in use again, or gone: the note goes.
pub(crate) async fn take_back(
    docker: &Docker,
    owner: &Owner,
    volume: VolumeId,
) -> Result<(), RunnerError> {
    let name = note(volume);
    let found = match docker.inspect_volume(&name).await {
        Err(error) if error::is_missing(&error) => return Ok(()),
        found => found.map_err(error::refused)?,
    };
    // Another's says nothing of this runner's volume.
    if labels::retired(owner, &found.labels, made_at(&found)).is_none() {
        return Ok(());
    }
    remove_named(docker, &name).await
}
