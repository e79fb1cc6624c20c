//! Private networks: one bridge for each environment of a runner.
//!
//! Its containers reach each other, by the names of their deployments, and no other network:
//! the engine drops packets between bridges, and the firewall those to the host. It is found by
//! its labels and the runner's mark over them, so that no server can name another runner's.

use std::collections::{HashMap, HashSet};

use bollard::{
    Docker,
    models::{Ipam, IpamConfig, Network, NetworkCreateRequest},
    query_parameters::{ListContainersOptionsBuilder, ListNetworksOptionsBuilder},
};
use ipnet::Ipv4Net;
use models::{EnvironmentId, RunnerId, deployment::FailureCode, value::NetworkPool};
use runner_common::{Owner, RunnerError};
use tokio::sync::{Mutex, RwLock, RwLockReadGuard};

use super::{BETWEEN_CONTAINERS, DEVICE_OPTION, DEVICE_PREFIX, DRIVER, routes, subnet};
use crate::{error, instances::moment, labels};

/// Most ranges of addresses that are tried for one network.
const TRIES: usize = 8;

/// The private networks of a runner.
#[derive(Debug, Default)]
pub(crate) struct PrivateNetworks {
    /// Shared by all that create containers; held alone while networks are removed.
    joining: RwLock<()>,
    /// Held while a network is looked for and created, so that none is created twice.
    creating: Mutex<()>,
}

/// The identity of a private network.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NetworkKey<'a> {
    pub(crate) owner: &'a Owner,
    pub(crate) runner_id: RunnerId,
    pub(crate) environment_id: EnvironmentId,
}

impl PrivateNetworks {
    /// Keeps networks from being removed until the guard is dropped.
    pub(crate) async fn joining(&self) -> RwLockReadGuard<'_, ()> {
        self.joining.read().await
    }

    /// Returns the id of an environment's network, which is created when it is missing.
    ///
    /// # Errors
    /// `network_foreign` when someone else has its name or changed it,
    /// `network_pool_exhausted` when no addresses are left.
    pub(crate) async fn ensure(
        &self,
        docker: &Docker,
        key: NetworkKey<'_>,
        pools: &[NetworkPool],
    ) -> Result<String, RunnerError> {
        let _creating = self.creating.lock().await;
        let own = list_own(docker, key.owner, key.runner_id).await?;
        let own = own
            .into_iter()
            .find(|(environment_id, _)| *environment_id == key.environment_id);
        match own {
            Some((_, network)) if has_our_options(&network) => Ok(network.id.unwrap_or_default()),
            Some((_, network)) => Err(foreign(&network)),
            None => create(docker, key, pools).await,
        }
    }

    /// Removes networks without containers, except those of these environments.
    ///
    /// Returns their number.
    pub(crate) async fn prune(
        &self,
        docker: &Docker,
        owner: &Owner,
        runner_id: RunnerId,
        needed: &HashSet<EnvironmentId>,
    ) -> Result<usize, RunnerError> {
        let _alone = self.joining.write().await;
        let (mut removed, mut failure) = (0, None);
        for (environment_id, network) in list_own(docker, owner, runner_id).await? {
            let Some(id) = &network.id else { continue };
            if needed.contains(&environment_id) || has_containers(docker, &network).await? {
                continue;
            }
            match docker.remove_network(id).await {
                Ok(()) => removed += 1,
                Err(error) if error::is_missing(&error) => {}
                // The others are removed all the same.
                Err(error) => failure = Some(error::refused(error)),
            }
        }
        failure.map_or(Ok(removed), Err)
    }
}

/// Returns the name of a network on the engine.
///
/// Like the names of containers it reveals nothing: reverse lookups end in it.
fn name(key: &NetworkKey<'_>) -> String {
    labels::network_name(key.owner, key.runner_id, key.environment_id)
}

async fn list(
    docker: &Docker,
    filters: &HashMap<&str, Vec<String>>,
) -> Result<Vec<Network>, RunnerError> {
    let options = ListNetworksOptionsBuilder::default()
        .filters(filters)
        .build();
    let listed = docker.list_networks(Some(options)).await;
    listed.map_err(error::silent)
}

/// Lists the networks that bear a runner's mark, each with its environment.
async fn list_own(
    docker: &Docker,
    owner: &Owner,
    runner_id: RunnerId,
) -> Result<Vec<(EnvironmentId, Network)>, RunnerError> {
    let filters = HashMap::from([("label", labels::networks_of(runner_id))]);
    let listed = list(docker, &filters).await?.into_iter();
    let own = listed.filter_map(|network| {
        let made_at = network.created.as_ref().and_then(|at| moment(at));
        let environment_id =
            labels::environment(owner, network.labels.as_ref()?, runner_id, made_at)?;
        Some((environment_id, network))
    });
    Ok(own.collect())
}

/// True if any container is made for a network, running or not.
async fn has_containers(docker: &Docker, network: &Network) -> Result<bool, RunnerError> {
    // The engine knows a container that was never started by the network's name only.
    let names = [&network.id, &network.name].into_iter().flatten().cloned();
    let filters = HashMap::from([("network", names.collect::<Vec<_>>())]);
    let options = ListContainersOptionsBuilder::default()
        .all(true)
        .filters(&filters)
        .build();
    let listed = docker.list_containers(Some(options)).await;
    Ok(!listed.map_err(error::silent)?.is_empty())
}

/// Creates the network on the first free addresses of the pools.
async fn create(
    docker: &Docker,
    key: NetworkKey<'_>,
    pools: &[NetworkPool],
) -> Result<String, RunnerError> {
    let name = name(&key);
    let present = list(docker, &HashMap::new()).await?;
    if let Some(other) = present.iter().find(|one| one.name.as_ref() == Some(&name)) {
        return Err(foreign(other));
    }
    let routes = routes::read();
    let free = pools
        .iter()
        .flat_map(NetworkPool::networks)
        .filter(|network| subnet::is_free(*network, &present, &routes));
    let mut refusal = None;
    // Another runner or a person may take some addresses meanwhile. The engine refuses them
    // before it lists who has them.
    for network in free.take(TRIES) {
        match docker.create_network(request(&key, &name, network)).await {
            Ok(created) => return Ok(created.id),
            Err(failed) => refusal = Some(error::refused(failed)),
        }
    }
    Err(refusal.unwrap_or_else(|| exhausted(pools)))
}

fn request(key: &NetworkKey<'_>, name: &str, network: Ipv4Net) -> NetworkCreateRequest {
    let options = [
        (BETWEEN_CONTAINERS, "true".to_owned()),
        (
            DEVICE_OPTION,
            labels::device_name(key.owner, key.runner_id, key.environment_id),
        ),
    ];
    let range = IpamConfig {
        subnet: Some(network.to_string()),
        ..IpamConfig::default()
    };
    NetworkCreateRequest {
        name: name.to_owned(),
        driver: Some(DRIVER.to_owned()),
        // The firewall's rules, and those between bridges, are the engine's for IPv4.
        enable_ipv6: Some(false),
        ipam: Some(Ipam {
            config: Some(vec![range]),
            ..Ipam::default()
        }),
        labels: Some(labels::of_network(
            key.owner,
            key.runner_id,
            key.environment_id,
        )),
        options: Some(options.map(|(name, value)| (name.to_owned(), value)).into()),
        ..NetworkCreateRequest::default()
    }
}

/// True if a network joins its containers on a bridge that the firewall covers.
fn has_our_options(network: &Network) -> bool {
    let option = |name| {
        let options = network.options.as_ref();
        options
            .and_then(|options| options.get(name))
            .map(String::as_str)
    };
    network.driver.as_deref() == Some(DRIVER)
        && network.internal != Some(true)
        && network.enable_ipv6 != Some(true)
        && option(BETWEEN_CONTAINERS) == Some("true")
        && option(DEVICE_OPTION).is_some_and(|device| device.starts_with(DEVICE_PREFIX))
}

fn foreign(network: &Network) -> RunnerError {
    let name = network.name.as_deref().unwrap_or_default();
    let message = format!(
        "The Docker network {name} has the name of this environment's private network, but the \
         runner did not create it as it is. Disconnect its containers and remove it with docker \
         network rm {name}; the runner then creates a new one."
    );
    RunnerError::platform(FailureCode::NetworkForeign, message)
}

fn exhausted(pools: &[NetworkPool]) -> RunnerError {
    let names: Vec<_> = pools.iter().map(NetworkPool::as_str).collect();
    let names = names.join(", ");
    let message = format!(
        "The addresses {names} have no room for another private network: all are used by Docker \
         networks or routes of the host. Delete unused environments' deployments from this \
         runner, or the host's owner can set a larger network_pool in the policy file."
    );
    RunnerError::platform(FailureCode::NetworkPoolExhausted, message)
}

#[cfg(test)]
mod tests {
    use bollard::models::Network;
    use models::{EnvironmentId, RunnerId};
    use uuid::Uuid;

    use super::{BETWEEN_CONTAINERS, DEVICE_OPTION, NetworkKey, has_our_options, name, request};
    use crate::labels::tests::owner;

    fn network() -> Network {
        let owner = owner();
        let key = NetworkKey {
            owner: &owner,
            runner_id: RunnerId::from_uuid(Uuid::nil()),
            environment_id: EnvironmentId::from_uuid(Uuid::from_u128(1)),
        };
        let request = request(&key, &name(&key), "10.201.0.0/25".parse().unwrap());
        Network {
            name: Some(request.name),
            driver: request.driver,
            enable_ipv6: request.enable_ipv6,
            options: request.options,
            ..Network::default()
        }
    }

    #[test]
    fn the_device_fits_the_kernel_and_the_firewall() {
        let options = network().options.unwrap();
        let device = &options[DEVICE_OPTION];
        assert!(device.starts_with("berth-"), "{device}");
        // IFNAMSIZ is 16, with the final zero.
        assert_eq!(device.len(), 15);
    }

    #[test]
    fn a_network_that_someone_changed_is_not_used() {
        assert!(has_our_options(&network()));
        let changed = |option: &str, value: &str| {
            let mut network = network();
            let options = network.options.as_mut().unwrap();
            options.insert(option.to_owned(), value.to_owned());
            network
        };
        for network in [
            changed(BETWEEN_CONTAINERS, "false"),
            changed(DEVICE_OPTION, "docker0"),
            Network {
                driver: Some("macvlan".to_owned()),
                ..network()
            },
            Network {
                internal: Some(true),
                ..network()
            },
            Network {
                enable_ipv6: Some(true),
                ..network()
            },
            Network::default(),
        ] {
            assert!(!has_our_options(&network), "{network:?}");
        }
    }
}
