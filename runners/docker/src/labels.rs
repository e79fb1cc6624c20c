//! Names, labels and ownership marks of the runner's objects on the engine.
//!
//! Labels hold ids, which come from the server, and a mark over them, which no server can make;
//! see [`Owner`].

use std::collections::HashMap;

use models::{RunnerId, VolumeId, deployment::Port, runner::RunnerSpec, time::Timestamp};
use runner_common::{AttemptKey, InstanceKey, Owner, OwnershipClaim, RetiredVolume};
use serde::{Deserialize, Serialize};

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

/// End of a retired volume's retention; only on the note beside it.
pub(crate) const RETIRED: &str = "dev.berth.kept-until";
/// Id of the volume that a note is about.
const RETIRED_VOLUME: &str = "dev.berth.retired-volume";

/// Number of a mark's digits in a container's name; unique on an engine.
const NAME_DIGITS: usize = 24;

/// Labels that a container's mark covers.
const OF_CONTAINER: [&str; 7] = [
    RUNNER, DEPLOYMENT, RELEASE, INSTANCE, PORTS, VOLUMES, LIMITS,
];
/// Labels that the mark of a run's attempt covers.
const OF_ATTEMPT: [&str; 9] = [
    RUNNER, DEPLOYMENT, RELEASE, INSTANCE, PORTS, VOLUMES, LIMITS, RUN, ATTEMPT,
];
/// Labels that a volume's mark covers.
const OF_VOLUME: [&str; 2] = [RUNNER, VOLUME];
/// Labels that a note's mark covers.
const OF_NOTE: [&str; 3] = [RUNNER, RETIRED_VOLUME, RETIRED];

type Labels = HashMap<String, String>;

/// Builds labels with the mark over them.
fn marked<const N: usize>(owner: &Owner, names: [&str; N], values: [String; N]) -> Labels {
    let labels = names.map(str::to_owned).into_iter().zip(values);
    let mut labels: Labels = labels.collect();
    let mark = owner.mark(&parts(&labels, &names));
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
pub(crate) fn of(owner: &Owner, key: &InstanceKey, spec: &RunnerSpec, limits: Limits) -> Labels {
    let ports = serde_json::to_string(&spec.ports).unwrap_or_default();
    let volumes: Vec<VolumeId> = spec.volumes.iter().map(|mount| mount.volume_id).collect();
    let volumes = serde_json::to_string(&volumes).unwrap_or_default();
    let values = [
        key.runner_id.to_string(),
        key.deployment_id.to_string(),
        key.release_id.to_string(),
        key.instance_id.to_string(),
        ports,
        volumes,
        serde_json::to_string(&limits).unwrap_or_default(),
    ];
    let Some(attempt) = key.attempt else {
        let mut labels = marked(owner, OF_CONTAINER, values);
        // Otherwise an image's own labels of these names would be the container's, too.
        labels.extend([RUN, ATTEMPT].map(|name| (name.to_owned(), String::new())));
        return labels;
    };
    let [
        runner,
        deployment,
        release,
        instance,
        ports,
        volumes,
        limits,
    ] = values;
    let (run, number) = (attempt.run_id.to_string(), attempt.number.to_string());
    let values = [
        runner, deployment, release, instance, ports, volumes, limits, run, number,
    ];
    marked(owner, OF_ATTEMPT, values)
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
    let is_attempt = labels.get(RUN).is_some_and(|run| !run.is_empty());
    let covered: &[&str] = if is_attempt {
        &OF_ATTEMPT
    } else {
        &OF_CONTAINER
    };
    if !is_own(owner, labels, covered, made_at) {
        return None;
    }
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
    format!("berth-{}", mark.get(..NAME_DIGITS).unwrap_or(&mark))
}

#[cfg(test)]
pub(crate) mod tests {
    use models::{
        DeploymentId, InstanceId, ReleaseId, RunnerId, VolumeId,
        deployment::{Port, Protocol, VolumeMount},
        runner::RunnerSpec,
        time::Timestamp,
        value::{ContainerPath, ImageReference},
    };
    use runner_common::{AttemptKey, InstanceKey, Owner, OwnerKey, RetiredVolume};
    use uuid::Uuid;

    use super::{
        ATTEMPT, Limits, RETIRED, RETIRED_VOLUME, RUN, VOLUME, container_name, is_volume, of,
        of_retired, of_volume, ports, read, retired, volumes,
    };

    pub(crate) fn key() -> InstanceKey {
        let id = |n: u128| Uuid::from_u128(0x0193_5000_0000_7000_8000_0000_0000_0000 + n);
        InstanceKey {
            runner_id: RunnerId::from_uuid(id(1)),
            deployment_id: DeploymentId::from_uuid(id(2)),
            release_id: ReleaseId::from_uuid(id(3)),
            instance_id: InstanceId::from_uuid(id(4)),
            attempt: None,
        }
    }

    pub(crate) fn owner() -> Owner {
        Owner::new(OwnerKey::from_secret(b"of the tests"))
    }

    #[test]
    fn an_instance_is_known_by_its_labels() {
        let listens = [
            Port::http(80),
            Port {
                number: 53,
                protocol: Protocol::Udp,
            },
        ];
        let volume = VolumeId::from_uuid(Uuid::from_u128(5));
        let spec = RunnerSpec {
            ports: listens.into(),
            volumes: vec![VolumeMount {
                volume_id: volume,
                path: ContainerPath::trusted("/data"),
            }],
            ..RunnerSpec::of_image(ImageReference::trusted("app"))
        };
        let labels = of(&owner(), &key(), &spec, Limits::of(&spec, None));
        assert_eq!(read(&owner(), &labels, None), Some(key()));
        assert_eq!(ports(&labels), listens);
        assert_eq!(volumes(&labels), [volume]);
    }

    #[test]
    fn with_any_label_changed_or_under_another_key_it_is_not_ours() {
        let spec = RunnerSpec::of_image(ImageReference::trusted("app"));
        let labels = of(&owner(), &key(), &spec, Limits::of(&spec, None));
        for name in labels.keys() {
            let mut changed = labels.clone();
            // Those of an attempt are empty here.
            if changed.remove(name).is_some_and(|value| !value.is_empty()) {
                assert_eq!(read(&owner(), &changed, None), None, "without {name}");
            }
            if name == ATTEMPT {
                continue;
            }
            changed.insert(name.clone(), RunnerId::from_uuid(Uuid::nil()).to_string());
            assert_eq!(read(&owner(), &changed, None), None, "another {name}");
        }
        let other = Owner::new(OwnerKey::from_secret(b"of another runner"));
        assert_eq!(read(&other, &labels, None), None);
    }

    #[test]
    fn an_attempt_is_known_by_its_labels_and_an_image_makes_none() {
        let spec = RunnerSpec::of_image(ImageReference::trusted("app"));
        let attempt = InstanceKey {
            attempt: Some(AttemptKey {
                run_id: Uuid::from_u128(7).into(),
                number: 2,
            }),
            ..key()
        };
        let labels = of(&owner(), &attempt, &spec, Limits::of(&spec, None));
        assert_eq!(read(&owner(), &labels, None), Some(attempt));
        let mut other = labels.clone();
        other.insert(ATTEMPT.to_owned(), "3".to_owned());
        assert_eq!(read(&owner(), &other, None), None);
        // The engine adds an image's labels to a container that does not have them.
        let labels = of(&owner(), &key(), &spec, Limits::of(&spec, None));
        assert!(labels.contains_key(RUN) && labels.contains_key(ATTEMPT));
    }

    #[test]
    fn a_mark_of_one_kind_is_none_of_another() {
        let volume = VolumeId::from_uuid(Uuid::from_u128(5));
        let mut labels = of_volume(&owner(), key().runner_id, volume);
        let until = Timestamp::from_micros(1).to_string();
        labels.insert(RETIRED.to_owned(), until);
        labels.insert(RETIRED_VOLUME.to_owned(), volume.to_string());
        assert_eq!(retired(&owner(), &labels, None), None);
        let spec = RunnerSpec::of_image(ImageReference::trusted("app"));
        let mut labels = of(&owner(), &key(), &spec, Limits::of(&spec, None));
        labels.insert(VOLUME.to_owned(), volume.to_string());
        assert!(!is_volume(
            &owner(),
            &labels,
            (key().runner_id, volume),
            None
        ));
    }

    #[test]
    fn a_volume_is_one_runners_only() {
        let volume = VolumeId::from_uuid(Uuid::from_u128(5));
        let mine = key().runner_id;
        let labels = of_volume(&owner(), mine, volume);
        assert!(is_volume(&owner(), &labels, (mine, volume), None));
        let other = RunnerId::from_uuid(Uuid::from_u128(6));
        assert!(!is_volume(&owner(), &labels, (other, volume), None));
        let another = VolumeId::from_uuid(Uuid::from_u128(6));
        assert!(!is_volume(&owner(), &labels, (mine, another), None));
        assert!(!is_volume(&owner(), &[].into(), (mine, volume), None));
        let hostile = Owner::new(OwnerKey::from_secret(b"of another runner"));
        assert!(!is_volume(&hostile, &labels, (mine, volume), None));
    }

    #[test]
    fn a_note_says_until_when_and_is_one_runners_only() {
        let volume_id = VolumeId::from_uuid(Uuid::from_u128(5));
        let until = Timestamp::from_micros(1_700_000_000_000_001);
        let labels = of_retired(&owner(), key().runner_id, volume_id, until);
        let read = retired(&owner(), &labels, None);
        assert_eq!(read, Some(RetiredVolume { volume_id, until }));
        let other = Owner::new(OwnerKey::from_secret(b"of another runner"));
        assert_eq!(retired(&other, &labels, None), None);
    }

    #[test]
    fn a_containers_name_is_stable_and_reveals_nothing() {
        let name = container_name(&owner(), &key());
        assert_eq!(name, container_name(&owner(), &key()));
        assert!(name.starts_with("berth-") && name.len() == 30, "{name}");
        let other = Owner::new(OwnerKey::from_secret(b"of another runner"));
        assert_ne!(name, container_name(&other, &key()));
        let another = InstanceKey {
            instance_id: InstanceId::from_uuid(Uuid::nil()),
            attempt: None,
            ..key()
        };
        assert_ne!(name, container_name(&owner(), &another));
    }
}
