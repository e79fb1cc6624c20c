//! Networks of apps.
//!
//! An app of an environment is on that environment's [private] network. The network here is
//! for all other apps. Containers on its bridge cannot talk to each other: apps of different
//! workspaces share the host and nothing else. They reach the outside, and are reached through
//! their published ports.
//!
//! All runners of an engine share it, so it bears no runner's mark and no runner ever removes
//! it. Its settings count: a network with others is never used.

mod private;
mod routes;
mod subnet;

use std::collections::HashMap;

use bollard::{
    Docker,
    models::{Network, NetworkCreateRequest},
    query_parameters::ListNetworksOptionsBuilder,
};
use models::deployment::FailureCode;
use runner_common::RunnerError;

pub(crate) use self::private::{NetworkKey, PrivateNetworks};
use crate::{error, labels::NETWORK as LABEL};

const NAME: &str = "berth";
const KIND: &str = "apps";
const DRIVER: &str = "bridge";

/// Option of the bridge for traffic between its containers.
const BETWEEN_CONTAINERS: &str = "com.docker.network.bridge.enable_icc";
/// Option with the name of the bridge on the host.
///
/// Older engines let two runners create two networks of one name at the same time, but never
/// two bridges.
const DEVICE_OPTION: &str = "com.docker.network.bridge.name";
/// Name of the bridge on the host.
pub(crate) const DEVICE: &str = "berth";
/// Prefix of the name of each private network's bridge.
///
/// The firewall covers every device whose name begins with [`DEVICE`].
pub(crate) const DEVICE_PREFIX: &str = "berth-";

/// Returns the id of the network, which is created when it is missing.
pub(crate) async fn apps(docker: &Docker) -> Result<String, RunnerError> {
    if let Some(id) = find(docker).await? {
        return Ok(id);
    }
    let request = NetworkCreateRequest {
        name: NAME.to_owned(),
        driver: Some(DRIVER.to_owned()),
        labels: Some(HashMap::from([(LABEL.to_owned(), KIND.to_owned())])),
        options: Some(options()),
        ..NetworkCreateRequest::default()
    };
    let created = docker.create_network(request).await;
    match (find(docker).await?, created) {
        // If it could not be created, another runner on this engine was faster.
        (Some(id), _) => Ok(id),
        (None, Err(error)) => Err(error::refused(error)),
        (None, Ok(_)) => Err(RunnerError::platform(
            FailureCode::NetworkMissing,
            "The network for apps was removed right after it was created.",
        )),
    }
}

/// True if the engine says that it has no network of Berth, shared or private.
pub(crate) async fn is_missing(docker: &Docker) -> bool {
    let filters = HashMap::from([("label", vec![LABEL.to_owned()])]);
    let options = ListNetworksOptionsBuilder::default()
        .filters(&filters)
        .build();
    let found = docker.list_networks(Some(options)).await;
    found.is_ok_and(|networks| networks.is_empty())
}

fn options() -> HashMap<String, String> {
    [(BETWEEN_CONTAINERS, "false"), (DEVICE_OPTION, DEVICE)]
        .map(|(option, value)| (option.to_owned(), value.to_owned()))
        .into()
}

async fn find(docker: &Docker) -> Result<Option<String>, RunnerError> {
    let filters = HashMap::from([("label", vec![format!("{LABEL}={KIND}")])]);
    let options = ListNetworksOptionsBuilder::default()
        .filters(&filters)
        .build();
    let found = docker.list_networks(Some(options)).await;
    let found = found.map_err(error::refused)?;
    let Some(network) = found.into_iter().next() else {
        return Ok(None);
    };
    if has_our_options(&network) {
        Ok(network.id)
    } else {
        Err(foreign(&network))
    }
}

/// True if a network isolates its containers on the bridge known to the firewall.
fn has_our_options(network: &Network) -> bool {
    let has = |option: &String, value: &String| {
        let options = network.options.as_ref();
        options.and_then(|options| options.get(option)) == Some(value)
    };
    network.driver.as_deref() == Some(DRIVER)
        && network.internal != Some(true)
        && options().iter().all(|(option, value)| has(option, value))
}

fn foreign(network: &Network) -> RunnerError {
    let name = network.name.as_deref().unwrap_or(NAME);
    let message = format!(
        "The Docker network {name} has the label of the network for apps but different settings, \
         so apps on it could reach each other. Disconnect its containers and remove it with docker \
         network rm {name}; the runner then creates a new one."
    );
    RunnerError::platform(FailureCode::NetworkForeign, message)
}

#[cfg(test)]
mod tests {
    use bollard::models::Network;

    use super::{BETWEEN_CONTAINERS, DEVICE_OPTION, has_our_options, options};

    fn network() -> Network {
        Network {
            driver: Some("bridge".to_owned()),
            internal: Some(false),
            options: Some(options()),
            ..Network::default()
        }
    }

    #[test]
    fn a_network_that_does_not_keep_apps_apart_is_not_used() {
        assert!(has_our_options(&network()));
        let changed = |option: &str, value: Option<&str>| {
            let mut options = options();
            match value {
                Some(value) => options.insert(option.to_owned(), value.to_owned()),
                None => options.remove(option),
            };
            Network {
                options: Some(options),
                ..network()
            }
        };
        for network in [
            changed(BETWEEN_CONTAINERS, Some("true")),
            changed(BETWEEN_CONTAINERS, None),
            changed(DEVICE_OPTION, Some("docker0")),
            Network {
                driver: Some("macvlan".to_owned()),
                ..network()
            },
            Network::default(),
        ] {
            assert!(!has_our_options(&network), "{network:?}");
        }
    }
}
