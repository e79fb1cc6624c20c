//! The network that apps are on.
//!
//! One bridge for all of them, on which containers cannot talk to each other: apps of different
//! workspaces share the machine and nothing else. They reach the outside, and are reached
//! through their published port.

use std::collections::HashMap;

use bollard::{Docker, models::NetworkCreateRequest, query_parameters::ListNetworksOptionsBuilder};
use runner_common::RunnerError;

use crate::error;

const NAME: &str = "berth";
const LABEL: &str = "dev.berth.network";
const KIND: &str = "apps";

/// Whether containers on the network may talk to each other.
const BETWEEN_CONTAINERS: &str = "com.docker.network.bridge.enable_icc";
/// The name of the bridge on the machine. Older engines let two runners make two networks of one
/// name at the same time, but never two bridges.
const DEVICE_OPTION: &str = "com.docker.network.bridge.name";
/// The bridge, as the machine names it.
pub(crate) const DEVICE: &str = "berth";

/// The id of the network; it is made when it is missing.
pub(crate) async fn apps(docker: &Docker) -> Result<String, RunnerError> {
    if let Some(id) = find(docker).await? {
        return Ok(id);
    }
    let request = NetworkCreateRequest {
        name: NAME.to_owned(),
        driver: Some("bridge".to_owned()),
        labels: Some(HashMap::from([(LABEL.to_owned(), KIND.to_owned())])),
        options: Some(HashMap::from([
            (BETWEEN_CONTAINERS.to_owned(), "false".to_owned()),
            (DEVICE_OPTION.to_owned(), DEVICE.to_owned()),
        ])),
        ..NetworkCreateRequest::default()
    };
    let created = docker.create_network(request).await;
    match (find(docker).await?, created) {
        // When it could not be made, another runner on this engine was faster.
        (Some(id), _) => Ok(id),
        (None, Err(error)) => Err(error::refused(error)),
        (None, Ok(_)) => Err(RunnerError::platform(
            "network_missing",
            "The network for apps was removed right after it was made.",
        )),
    }
}

async fn find(docker: &Docker) -> Result<Option<String>, RunnerError> {
    let filters = HashMap::from([("label", vec![format!("{LABEL}={KIND}")])]);
    let options = ListNetworksOptionsBuilder::default()
        .filters(&filters)
        .build();
    let found = docker.list_networks(Some(options)).await;
    let found = found.map_err(error::refused)?;
    Ok(found.into_iter().next().and_then(|network| network.id))
}
