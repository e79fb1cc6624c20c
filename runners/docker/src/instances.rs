//! The containers of a runner.
//!
//! A list names the containers; the details of each take another request. The details are
//! cached until the engine sends an event of the container, or the list shows another state
//! than before. The list alone is not enough: the engine sends the event of a container's exit
//! a moment before its own list shows it.

mod drift;
mod health;

use std::{
    collections::HashMap,
    net::{Ipv4Addr, Ipv6Addr},
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use bollard::{
    Docker,
    models::{
        ContainerInspectResponse, ContainerState, ContainerStateStatusEnum, ContainerSummary,
        ContainerSummaryStateEnum, HealthStatusEnum, PortBinding, PortMap,
    },
    query_parameters::{InspectContainerOptions, ListContainersOptionsBuilder},
};
use models::{
    RunnerId, VolumeId,
    deployment::{Port, PublishedPort},
    time::Timestamp,
    value::SocketAddress,
};
use runner_common::{
    Health, HealthStatus, InstanceKey, InstanceNetwork, Owner, PlatformInstance, PlatformState,
    RunnerError,
};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use tokio::time::sleep;

use crate::{container::port_name, error, labels};

/// Exit code of a process that the signal `SIGKILL` ended.
const KILLED: i64 = 137;
/// Number of later checks of a killed container, each after the same pause.
///
/// The engine learns that the kernel ran out of memory separately from the container's exit,
/// and often later.
const OOM_CHECKS: u32 = 3;
const OOM_PAUSE: Duration = Duration::from_millis(100);

/// Cache of container details.
#[derive(Debug, Default)]
pub(crate) struct InspectCache(Mutex<Inner>);

#[derive(Debug, Default)]
struct Inner {
    details: HashMap<String, Details>,
    /// Number of invalidations, so that a response from before one is not cached.
    invalidations: u64,
}

#[derive(Clone, Debug)]
struct Details {
    /// State in the list at the time of the request.
    listed: ContainerSummaryStateEnum,
    state: PlatformState,
    ports: Vec<PublishedPort>,
    started_at: Option<Timestamp>,
    volumes: Vec<VolumeId>,
    network: Option<InstanceNetwork>,
    health: Option<Health>,
}

impl InspectCache {
    /// Drops a container after an event; returns true if it was cached.
    pub(crate) fn invalidate(&self, container: &str) -> bool {
        let mut inner = self.inner();
        inner.invalidations += 1;
        inner.details.remove(container).is_some()
    }

    /// Drops all containers, since events may have been missed.
    pub(crate) fn clear(&self) {
        let mut inner = self.inner();
        inner.invalidations += 1;
        inner.details.clear();
    }

    fn get(&self, container: &str, listed: ContainerSummaryStateEnum) -> Option<Details> {
        let inner = self.inner();
        let details = inner.details.get(container);
        details.filter(|details| details.listed == listed).cloned()
    }

    fn insert(&self, container: &str, details: Details, invalidations: u64) {
        let mut inner = self.inner();
        if inner.invalidations == invalidations {
            inner.details.insert(container.to_owned(), details);
        }
    }

    fn retain(&self, listed: &[ContainerSummary]) {
        let listed: Vec<_> = listed.iter().filter_map(|c| c.id.as_deref()).collect();
        self.inner()
            .details
            .retain(|id, _| listed.contains(&id.as_str()));
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Lists every container of the runner.
///
/// # Errors
/// When the engine does not answer.
pub(crate) async fn list(
    docker: &Docker,
    cache: &InspectCache,
    owner: &Owner,
    runner_id: RunnerId,
) -> Result<Vec<PlatformInstance>, RunnerError> {
    let invalidations = cache.inner().invalidations;
    let filters = HashMap::from([("label", vec![format!("{}={runner_id}", labels::RUNNER)])]);
    let options = ListContainersOptionsBuilder::default()
        .all(true)
        .filters(&filters)
        .build();
    let listed = docker.list_containers(Some(options)).await;
    let listed = listed.map_err(error::silent)?;
    cache.retain(&listed);
    let mut instances = Vec::with_capacity(listed.len());
    for container in listed {
        if let Some(key) = key(owner, &container) {
            instances.extend(instance(docker, cache, invalidations, key, container).await?);
        }
    }
    Ok(instances)
}

/// Returns the instance of a container; `None` when it is not this runner's.
pub(crate) fn key(owner: &Owner, container: &ContainerSummary) -> Option<InstanceKey> {
    let seconds = container.created;
    let made_at = seconds.map(|seconds| Timestamp::from_micros(seconds.saturating_mul(1_000_000)));
    labels::read(owner, container.labels.as_ref()?, made_at)
}

async fn instance(
    docker: &Docker,
    cache: &InspectCache,
    invalidations: u64,
    key: InstanceKey,
    container: ContainerSummary,
) -> Result<Option<PlatformInstance>, RunnerError> {
    let Some(id) = container.id else {
        return Ok(None);
    };
    let listed = container.state.unwrap_or(ContainerSummaryStateEnum::EMPTY);
    let details = match cache.get(&id, listed) {
        Some(details) => details,
        None => match inspect(docker, &id, listed).await? {
            Some(details) => {
                // The engine sends an event when a check's status changes, but not for its
                // output before that.
                if !is_starting(&details) {
                    cache.insert(&id, details.clone(), invalidations);
                }
                details
            }
            // It went away between the two requests.
            None => return Ok(None),
        },
    };
    Ok(Some(PlatformInstance {
        key,
        state: details.state,
        ports: details.ports,
        started_at: details.started_at,
        volumes: details.volumes,
        network: details.network,
        health: details.health,
    }))
}

async fn try_inspect(
    docker: &Docker,
    id: &str,
) -> Result<Option<ContainerInspectResponse>, RunnerError> {
    match docker
        .inspect_container(id, None::<InspectContainerOptions>)
        .await
    {
        Ok(found) => Ok(Some(found)),
        Err(error) if error::is_missing(&error) => Ok(None),
        Err(error) => Err(error::silent(error)),
    }
}

/// True if a container was killed for a reason that the engine may not know yet.
fn may_have_lacked_memory(found: &ContainerInspectResponse) -> bool {
    let state = found.state.as_ref();
    state.is_some_and(|state| {
        state.running == Some(false)
            && state.exit_code == Some(KILLED)
            && state.oom_killed != Some(true)
    })
}

async fn inspect(
    docker: &Docker,
    id: &str,
    listed: ContainerSummaryStateEnum,
) -> Result<Option<Details>, RunnerError> {
    let Some(mut found) = try_inspect(docker, id).await? else {
        return Ok(None);
    };
    for _ in 0..OOM_CHECKS {
        if !may_have_lacked_memory(&found) {
            break;
        }
        sleep(OOM_PAUSE).await;
        match try_inspect(docker, id).await? {
            Some(newer) => found = newer,
            None => return Ok(None),
        }
    }
    let has_drifted = drift::has_drifted(&found);
    let config = found.config.unwrap_or_default();
    let labels = config.labels;
    let listens = labels.as_ref().map(labels::ports).unwrap_or_default();
    let bound = found.network_settings.and_then(|network| network.ports);
    let found = found.state.unwrap_or_default();
    Ok(Some(Details {
        listed,
        state: match state(&found) {
            PlatformState::Running | PlatformState::Unhealthy | PlatformState::Paused
                if has_drifted =>
            {
                PlatformState::Changed
            }
            state => state,
        },
        ports: published(&listens, &bound.unwrap_or_default()),
        started_at: found.started_at.as_deref().and_then(moment),
        volumes: labels.as_ref().map(labels::volumes).unwrap_or_default(),
        network: labels.as_ref().and_then(labels::joined),
        health: health::read(&found, config.healthcheck.as_ref()),
    }))
}

fn is_starting(details: &Details) -> bool {
    let health = details.health.as_ref();
    health.is_some_and(|health| health.status == HealthStatus::Starting)
}

fn state(found: &ContainerState) -> PlatformState {
    use ContainerStateStatusEnum as Status;
    let health = found.health.as_ref().and_then(|health| health.status);
    match found.status.unwrap_or(Status::EMPTY) {
        Status::CREATED | Status::EMPTY => PlatformState::Created,
        Status::RUNNING if health == Some(HealthStatusEnum::UNHEALTHY) => PlatformState::Unhealthy,
        Status::RUNNING | Status::RESTARTING => PlatformState::Running,
        Status::PAUSED => PlatformState::Paused,
        Status::REMOVING | Status::STOPPING => PlatformState::Stopping,
        Status::EXITED | Status::DEAD => PlatformState::Exited {
            code: found.exit_code.unwrap_or(0),
            oom_killed: found.oom_killed.unwrap_or(false),
        },
    }
}

/// Returns the addresses of a container's published ports, as seen from this host.
fn published(listens: &[Port], bound: &PortMap) -> Vec<PublishedPort> {
    let published = listens.iter().filter_map(|port| {
        let bindings = bound.get(&port_name(port))?.as_ref()?;
        Some(PublishedPort {
            port: *port,
            address: address(bindings.first()?)?,
        })
    });
    published.collect()
}

fn address(binding: &PortBinding) -> Option<SocketAddress> {
    let port = binding.host_port.as_deref()?.parse().ok()?;
    let ip = match binding.host_ip.as_deref()? {
        "0.0.0.0" | "" => Ipv4Addr::LOCALHOST.into(),
        "::" => Ipv6Addr::LOCALHOST.into(),
        ip => ip.parse().ok()?,
    };
    Some(SocketAddress::from((ip, port)))
}

/// Parses the engine's timestamp; `None` for its year 1, which stands for "never".
pub(crate) fn moment(text: &str) -> Option<Timestamp> {
    let moment = OffsetDateTime::parse(text, &Rfc3339).ok()?;
    let micros = i64::try_from(moment.unix_timestamp_nanos() / 1_000).ok()?;
    (micros > 0).then(|| Timestamp::from_micros(micros))
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use bollard::models::PortBinding;
    use models::{deployment::Port, time::Timestamp};

    use super::{moment, published};

    #[test]
    fn a_published_port_is_where_this_machine_reaches_it() {
        let bound = |bindings| HashMap::from([("8080/tcp".to_owned(), bindings)]);
        let http = [Port::http(8080)];
        assert_eq!(published(&http, &HashMap::new()), []);
        assert_eq!(published(&http, &bound(None)), []);
        for (ip, expected) in [
            ("127.0.0.1", "127.0.0.1:40000"),
            ("0.0.0.0", "127.0.0.1:40000"),
            ("192.0.2.7", "192.0.2.7:40000"),
            ("::", "[::1]:40000"),
        ] {
            let binding = PortBinding {
                host_ip: Some(ip.to_owned()),
                host_port: Some("40000".to_owned()),
            };
            let found = published(&http, &bound(Some(vec![binding])));
            assert_eq!(found.len(), 1, "{ip}");
            assert_eq!(found[0].address.to_string(), expected);
        }
    }

    #[test]
    fn the_engines_moments_are_read_and_its_never_is_none() {
        assert_eq!(
            moment("2023-11-14T22:13:20.000001999Z"),
            Some(Timestamp::from_micros(1_700_000_000_000_001))
        );
        assert_eq!(moment("0001-01-01T00:00:00Z"), None);
        assert_eq!(moment("yesterday"), None);
    }
}
