//! Lookup of an instance's container by its labels.
//!
//! Names do not work: people rename containers, and an engine that knows nothing by the old
//! name would seem to have nothing left to stop.

use std::collections::HashMap;

use bollard::{Docker, query_parameters::ListContainersOptionsBuilder};
use models::RunnerId;
use models::deployment::FailureCode;
use runner_common::{InstanceKey, Owner, RunnerError};

use crate::{error, instances, labels};

/// Returns the id of an instance's container; `None` when the engine has none.
///
/// # Errors
/// When the engine does not answer.
pub(crate) async fn container(
    docker: &Docker,
    owner: &Owner,
    instance: &InstanceKey,
) -> Result<Option<String>, RunnerError> {
    let filters = HashMap::from([("label", labels::of_instance(instance))]);
    let options = ListContainersOptionsBuilder::default()
        .all(true)
        .filters(&filters)
        .build();
    let listed = docker.list_containers(Some(options)).await;
    let mut listed = listed.map_err(error::silent)?.into_iter();
    let own = listed.find(|container| instances::key(owner, container).as_ref() == Some(instance));
    Ok(own.and_then(|container| container.id))
}

/// Returns the ids of all running containers of a runner.
///
/// # Errors
/// When the engine does not answer.
pub(crate) async fn running(
    docker: &Docker,
    owner: &Owner,
    runner_id: RunnerId,
) -> Result<HashMap<InstanceKey, String>, RunnerError> {
    let filters = HashMap::from([("label", vec![format!("{}={runner_id}", labels::RUNNER)])]);
    let options = ListContainersOptionsBuilder::default()
        .filters(&filters)
        .build();
    let listed = docker.list_containers(Some(options)).await;
    let listed = listed.map_err(error::silent)?.into_iter();
    let own = listed.filter_map(|container| {
        let key = instances::key(owner, &container)?;
        Some((key, container.id?))
    });
    Ok(own.collect())
}

/// Returns the id of a container that must exist.
///
/// # Errors
/// `instance_missing` when the engine has none, or when it does not answer.
pub(crate) async fn present(
    docker: &Docker,
    owner: &Owner,
    instance: &InstanceKey,
) -> Result<String, RunnerError> {
    container(docker, owner, instance).await?.ok_or_else(|| {
        let message = "This instance no longer exists in the Docker Engine. It was removed from outside \
             Berth.";
        RunnerError::platform(FailureCode::InstanceMissing, message)
    })
}
