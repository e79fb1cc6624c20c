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
use runner_common::{Retired, RunnerError};

use super::{is_own, remove_named};
use crate::{error, labels};

/// What the note is called that says that a volume is retired.
fn note(volume: VolumeId) -> String {
    format!("berth-{volume}-retired")
}

/// Notes that a volume is kept until a moment. One that was noted before keeps its moment.
pub(crate) async fn retire(
    docker: &Docker,
    owner: RunnerId,
    volume: VolumeId,
    until: Timestamp,
) -> Result<(), RunnerError> {
    if !is_own(docker, owner, volume).await? {
        return Ok(());
    }
    let request = VolumeCreateRequest {
        name: Some(note(volume)),
        driver: Some("local".to_owned()),
        labels: Some(labels::of_retired(owner, volume, until)),
        ..VolumeCreateRequest::default()
    };
    let created = docker.create_volume(request).await;
    created.map_err(error::refused)?;
    Ok(())
}

/// The volumes of a runner that are kept, and until when.
pub(crate) async fn list(docker: &Docker, owner: RunnerId) -> Result<Vec<Retired>, RunnerError> {
    let filters = HashMap::from([(
        "label",
        vec![
            format!("{}={owner}", labels::RUNNER),
            labels::RETIRED.to_owned(),
        ],
    )]);
    let options = ListVolumesOptionsBuilder::default()
        .filters(&filters)
        .build();
    let listed = docker.list_volumes(Some(options)).await;
    let listed = listed.map_err(error::silent)?.volumes.unwrap_or_default();
    let read = |volume: &Volume| labels::retired(&volume.labels);
    Ok(listed.iter().filter_map(read).collect())
}

/// A volume is in use again, or gone: the note goes.
pub(crate) async fn take_back(docker: &Docker, volume: VolumeId) -> Result<(), RunnerError> {
    remove_named(docker, &note(volume)).await
}
