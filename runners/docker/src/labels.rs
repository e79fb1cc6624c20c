//! Names, labels and ownership marks of the runner's objects on the engine.
//!
//! Labels hold ids, which come from the server, and a mark over them, which no server can make;
//! see [`Owner`].

mod network;

use std::collections::HashMap;

use models::{
    RunnerId, VolumeId, deployment::Port, runner::RunnerSpec, time::Timestamp, value::ResourceName,
};
use runner_common::{
    AttemptKey, InstanceKey, InstanceNetwork, InstanceSpec, Owner, OwnershipClaim, RetiredVolume,
};
use serde::{Deserialize, Serialize};

pub(crate) use self::network::{
    NETWORK, device_name, environment, network_name, networks_of, of_network,
};

/// Ownership mark of the runner that made the object.
///
/// No object without a right one is ever touched, except adopted ones.
const MARK: &str = "dev.berth.mark";
/// Runner that made the object.
pub(crate) const RUNNER: &str = "dev.berth.runner";
const DEPLOYMENT: &str = "dev.berth.deployment";
const RELEASE: &str = "dev.berth.release";
const INSTANCE: &str = "dev.berth.instance";

/// Run of the container; on attempts of runs only.
const RUN: &str = "dev.berth.run";
/// Number of the attempt; on attempts of runs only.
const ATTEMPT: &str = "dev.berth.attempt";

/// Protocols of the ports, which the engine does not know.
const PORTS: &str = "dev.berth.ports";

/// Limits that the container was created with.
const LIMITS: &str = "dev.berth.limits";

/// Volumes that the container was created with.
const VOLUMES: &str = "dev.berth.volumes";
/// Id of the volume; on volumes only.
const VOLUME: &str = "dev.berth.volume";

/// Environment of the object; on its network, and on the containers that join it.
const ENVIRONMENT: &str = "dev.berth.environment";
/// Host name of the container on its environment's network; empty for none.
const HOST_NAME: &str = "dev.berth.host-name";

/// End of a retired volume's retention; only on the note beside it.
pub(crate) const RETIRED: &str = "dev.berth.kept-until";
/// Id of the volume that a note is about.
const RETIRED_VOLUME: &str = "dev.berth.retired-volume";

/// Number of a mark's digits in a name; unique on an engine.
const NAME_DIGITS: usize = 24;

/// Prefix of all names on the engine.
const NAME_PREFIX: &str = "berth-";

/// Labels that a container's mark covers.
const OF_CONTAINER: [&str; 7] = [
    RUNNER, DEPLOYMENT, RELEASE, INSTANCE, PORTS, VOLUMES, LIMITS,
];
/// Labels that it covers as well, on the attempt of a run.
const OF_ATTEMPT: [&str; 2] = [RUN, ATTEMPT];
/// Labels that it covers as well, on an environment's network.
const OF_JOINED: [&str; 2] = [ENVIRONMENT, HOST_NAME];
/// Labels that a volume's mark covers.
const OF_VOLUME: [&str; 2] = [RUNNER, VOLUME];
/// Labels that a note's mark covers.
const OF_NOTE: [&str; 3] = [RUNNER, RETIRED_VOLUME, RETIRED];

type Labels = HashMap<String, String>;

/// Builds labels with the mark over them.
fn marked<const N: usize>(owner: &Owner, names: [&str; N], values: [String; N]) -> Labels {
    let labels = names.map(str::to_owned).into_iter().zip(values);
    mark(owner, &names, labels.collect())
}

/// Adds the mark over the labels with these names.
fn mark(owner: &Owner, names: &[&str], mut labels: Labels) -> Labels {
    let mark = owner.mark(&parts(&labels, names));
    labels.insert(MARK.to_owned(), mark);
    labels
}

/// Returns each label's name and value, in this order; missing ones count as empty.
fn parts<'a>(labels: &'a Labels, names: &[&'a str]) -> Vec<&'a str> {
    let value = |name: &str| labels.get(name).map_or("", String::as_str);
    let pairs = names.iter().flat_map(|name| [*name, value(name)]);
    pairs.collect()
}

/// True if an object with these labels is the runner's own.
fn is_own(owner: &Owner, labels: &Labels, names: &[&str], made_at: Option<Timestamp>) -> bool {
    let runner_id = labels.get(RUNNER).and_then(|id| id.parse().ok());
    runner_id.is_some_and(|runner_id| {
        owner.owns(&OwnershipClaim {
            runner_id,
            parts: &parts(labels, names),
            mark: labels.get(MARK).map(String::as_str),
            made_at,
        })
    })
}

/// Builds the labels of an instance's container.
pub(crate) fn of(owner: &Owner, instance: &InstanceSpec, limits: Limits) -> Labels {
    let InstanceSpec {
        key, spec, network, ..
    } = instance;
    let volumes: Vec<VolumeId> = spec.volumes.iter().map(|mount| mount.volume_id).collect();
    let attempt = |of: fn(AttemptKey) -> String| key.attempt.map(of).unwrap_or_default();
    let environment = network.as_ref().map(|joined| joined.environment_id);
    let host_name = network.as_ref().and_then(|joined| joined.host_name.clone());
    // Empty ones are set too: otherwise an image's own labels of these names would be the
    // container's.
    let labels = [
        (RUNNER, key.runner_id.to_string()),
        (DEPLOYMENT, key.deployment_id.to_string()),
        (RELEASE, key.release_id.to_string()),
        (INSTANCE, key.instance_id.to_string()),
        (
            PORTS,
            serde_json::to_string(&spec.ports).unwrap_or_default(),
        ),
        (VOLUMES, serde_json::to_string(&volumes).unwrap_or_default()),
        (LIMITS, serde_json::to_string(&limits).unwrap_or_default()),
        (RUN, attempt(|attempt| attempt.run_id.to_string())),
        (ATTEMPT, attempt(|attempt| attempt.number.to_string())),
        (
            ENVIRONMENT,
            environment.map(|id| id.to_string()).unwrap_or_default(),
        ),
        (
            HOST_NAME,
            host_name.map(|name| name.to_string()).unwrap_or_default(),
        ),
    ];
    let labels: Labels = labels.map(|(name, value)| (name.to_owned(), value)).into();
    mark(owner, &covered(&labels), labels)
}

/// Returns the labels that the mark of this container covers.
///
/// Older versions knew neither runs nor networks, so their containers must stay valid.
fn covered(labels: &Labels) -> Vec<&'static str> {
    let is_set = |name| labels.get(name).is_some_and(|value| !value.is_empty());
    let of_attempt = OF_ATTEMPT.iter().filter(|_| is_set(RUN));
    let of_joined = OF_JOINED.iter().filter(|_| is_set(ENVIRONMENT));
    let all = OF_CONTAINER.iter().chain(of_attempt).chain(of_joined);
    all.copied().collect()
}

/// Returns the engine's filter for all containers of an instance's release.
pub(crate) fn of_release(key: &InstanceKey) -> Vec<String> {
    [
        (RUNNER, key.runner_id.to_string()),
        (DEPLOYMENT, key.deployment_id.to_string()),
        (RELEASE, key.release_id.to_string()),
    ]
    .map(|(label, value)| format!("{label}={value}"))
    .into()
}

/// Returns the engine's filter for an instance's own container.
pub(crate) fn of_instance(key: &InstanceKey) -> Vec<String> {
    let mut labels = of_release(key);
    labels.push(format!("{INSTANCE}={}", key.instance_id));
    labels
}

/// Returns the instance of a container's labels; `None` if not this runner's.
pub(crate) fn read(
    owner: &Owner,
    labels: &Labels,
    made_at: Option<Timestamp>,
) -> Option<InstanceKey> {
    if !is_own(owner, labels, &covered(labels), made_at) {
        return None;
    }
    let is_attempt = labels.get(RUN).is_some_and(|run| !run.is_empty());
    let attempt = if is_attempt {
        Some(AttemptKey {
            run_id: labels.get(RUN)?.parse().ok()?,
            number: labels.get(ATTEMPT)?.parse().ok()?,
        })
    } else {
        None
    };
    Some(InstanceKey {
        runner_id: labels.get(RUNNER)?.parse().ok()?,
        deployment_id: labels.get(DEPLOYMENT)?.parse().ok()?,
        release_id: labels.get(RELEASE)?.parse().ok()?,
        instance_id: labels.get(INSTANCE)?.parse().ok()?,
        attempt,
    })
}

/// Reads the app's ports from the labels of its container.
pub(crate) fn ports(labels: &Labels) -> Vec<Port> {
    let ports = labels.get(PORTS);
    ports
        .and_then(|ports| serde_json::from_str(ports).ok())
        .unwrap_or_default()
}

/// Reads the volumes from the labels of a container.
pub(crate) fn volumes(labels: &Labels) -> Vec<VolumeId> {
    let volumes = labels.get(VOLUMES);
    volumes
        .and_then(|volumes| serde_json::from_str(volumes).ok())
        .unwrap_or_default()
}

/// Reads the place on a private network from the labels of a container.
pub(crate) fn joined(labels: &Labels) -> Option<InstanceNetwork> {
    let host_name = labels.get(HOST_NAME)?;
    Some(InstanceNetwork {
        environment_id: labels.get(ENVIRONMENT)?.parse().ok()?,
        host_name: (!host_name.is_empty()).then(|| ResourceName::trusted(host_name)),
    })
}

/// Limits of an instance, in the engine's units.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Limits {
    /// Memory in bytes.
    pub(crate) memory: Option<i64>,
    /// Billionths of a processor.
    pub(crate) nano_cpus: Option<i64>,
}

impl Limits {
    /// Returns the limits of a specification; the host's default for unlimited memory.
    pub(crate) fn of(spec: &RunnerSpec, default_memory_mib: Option<u32>) -> Self {
        let resources = spec.resources;
        let memory_mib = resources.memory_mib.or(default_memory_mib);
        Self {
            memory: memory_mib.map(|mib| i64::from(mib) << 20),
            nano_cpus: resources
                .cpu_millis
                .map(|millis| i64::from(millis) * 1_000_000),
        }
    }
}

/// Reads the limits from the labels of a container; `None` when they name none.
pub(crate) fn limits(labels: &Labels) -> Option<Limits> {
    serde_json::from_str(labels.get(LIMITS)?).ok()
}

/// Builds the labels of a runner's volume.
pub(crate) fn of_volume(owner: &Owner, runner_id: RunnerId, volume: VolumeId) -> Labels {
    let values = [runner_id.to_string(), volume.to_string()];
    marked(owner, OF_VOLUME, values)
}

/// Builds the labels of the note on a retired volume.
pub(crate) fn of_retired(
    owner: &Owner,
    runner_id: RunnerId,
    volume: VolumeId,
    until: Timestamp,
) -> Labels {
    let values = [runner_id.to_string(), volume.to_string(), until.to_string()];
    marked(owner, OF_NOTE, values)
}

/// Reads the note on a retired volume; `None` when it is not this runner's.
///
/// A note whose time cannot be parsed counts as none, so that the volume is kept.
pub(crate) fn retired(
    owner: &Owner,
    labels: &Labels,
    made_at: Option<Timestamp>,
) -> Option<RetiredVolume> {
    if !is_own(owner, labels, &OF_NOTE, made_at) {
        return None;
    }
    let until = serde_json::Value::String(labels.get(RETIRED)?.clone());
    Some(RetiredVolume {
        volume_id: labels.get(RETIRED_VOLUME)?.parse().ok()?,
        until: serde_json::from_value(until).ok()?,
    })
}

/// True if these labels are those of the runner's volume.
pub(crate) fn is_volume(
    owner: &Owner,
    labels: &Labels,
    (runner_id, volume): (RunnerId, VolumeId),
    made_at: Option<Timestamp>,
) -> bool {
    labels.get(RUNNER) == Some(&runner_id.to_string())
        && labels.get(VOLUME) == Some(&volume.to_string())
        && is_own(owner, labels, &OF_VOLUME, made_at)
}

/// Returns the name of an instance's container.
///
/// It reveals nothing without the key: the engine's nameserver tells every app the names of all
/// containers on the network, those of other workspaces too.
pub(crate) fn container_name(owner: &Owner, key: &InstanceKey) -> String {
    let deployment = key.deployment_id.to_string();
    let mark = owner.mark(&["container name", &deployment, &key.instance_id.to_string()]);
    format!("{NAME_PREFIX}{}", mark.get(..NAME_DIGITS).unwrap_or(&mark))
}

#[cfg(test)]
pub(crate) mod tests;
