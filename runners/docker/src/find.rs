//! The container of an instance, found by its labels.
//!
//! A name is no way to find it: people rename containers, and then an engine that knows nothing by the
//! old name would be taken for one that has nothing left to stop.

use std::collections::HashMap;

use bollard::{Docker, query_parameters::ListContainersOptionsBuilder};
use models::RunnerId;
use runner_common::{InstanceKey, RunnerError};

use crate::{error, labels};

/// The id of an instance's container; nothing when the engine has none.
///
/// # Errors
/// When the engine does not answer.
pub(crate) async fn container(
    docker: &Docker,
    instance: &InstanceKey,
) -> Result<Option<String>, RunnerError> {
    let filters = HashMap::from([("label", labels::of_instance(instance))]);
    let options = ListContainersOptionsBuilder::default()
        .all(true)
        .filters(&filters)
        .build();
    let listed = docker.list_containers(Some(options)).await;
    let mut listed = listed.map_err(error::silent)?.into_iter();
    let own = listed.find(|container| {
        let labels = container.labels.as_ref();
        labels.and_then(labels::read).as_ref() == Some(instance)
    });
    Ok(own.and_then(|container| container.id))
}

/// The ids of all containers of a runner that are up.
///
/// # Errors
/// When the engine does not answer.
pub(crate) async fn running(
    docker: &Docker,
    owner: RunnerId,
) -> Result<HashMap<InstanceKey, String>, RunnerError> {
    let filters = HashMap::from([("label", vec![format!("{}={owner}", labels::RUNNER)])]);
    let options = ListContainersOptionsBuilder::default()
        .filters(&filters)
        .build();
    let listed = docker.list_containers(Some(options)).await;
    let listed = listed.map_err(error::silent)?.into_iter();
    let own = listed.filter_map(|container| {
        let key = labels::read(container.labels.as_ref()?)?;
        Some((key, container.id?))
    });
    Ok(own.collect())
}

/// The id of a container that something is to be done to.
///
/// # Errors
/// `instance_missing` when the engine has none, or when it does not answer.
pub(crate) async fn present(
    docker: &Docker,
    instance: &InstanceKey,
) -> Result<String, RunnerError> {
    container(docker, instance).await?.ok_or_else(|| {
        let message = "The engine no longer has this instance. Somebody removed it.";
        RunnerError::platform("instance_missing", message)
    })
}
