//! How containers carry their instance's name.

use std::collections::HashMap;

use models::{
    RunnerId, VolumeId,
    deployment::{Port, Spec},
    time::Timestamp,
};
use runner_common::{InstanceKey, Retired};

/// The runner that made the container. Nothing without this label, or with another runner's id,
/// is ever touched.
pub(crate) const RUNNER: &str = "dev.berth.runner";
const DEPLOYMENT: &str = "dev.berth.deployment";
const RELEASE: &str = "dev.berth.release";
const INSTANCE: &str = "dev.berth.instance";

/// What is spoken on the ports, which the engine does not know.
const PORTS: &str = "dev.berth.ports";

/// The volumes that the container was made with.
const VOLUMES: &str = "dev.berth.volumes";
/// Which volume it is; on volumes only.
const VOLUME: &str = "dev.berth.volume";

/// Until when the data of a volume is kept that was removed; on the note beside it only.
pub(crate) const RETIRED: &str = "dev.berth.kept-until";
/// Which volume a note is about.
const RETIRED_VOLUME: &str = "dev.berth.retired-volume";

/// The labels of an instance's container.
pub(crate) fn of(key: &InstanceKey, spec: &Spec) -> HashMap<String, String> {
    let ports = serde_json::to_string(&spec.ports).unwrap_or_default();
    let volumes: Vec<VolumeId> = spec.volumes.iter().map(|mount| mount.volume_id).collect();
    let volumes = serde_json::to_string(&volumes).unwrap_or_default();
    [
        (RUNNER, key.runner_id.to_string()),
        (DEPLOYMENT, key.deployment_id.to_string()),
        (RELEASE, key.release_id.to_string()),
        (INSTANCE, key.instance_id.to_string()),
        (PORTS, ports),
        (VOLUMES, volumes),
    ]
    .map(|(label, value)| (label.to_owned(), value))
    .into()
}

/// What the labels of every container of an instance's release say, as the engine filters by it.
pub(crate) fn of_release(key: &InstanceKey) -> Vec<String> {
    [
        (RUNNER, key.runner_id.to_string()),
        (DEPLOYMENT, key.deployment_id.to_string()),
        (RELEASE, key.release_id.to_string()),
    ]
    .map(|(label, value)| format!("{label}={value}"))
    .into()
}

/// The labels of an instance's own container, as the engine filters by them.
pub(crate) fn of_instance(key: &InstanceKey) -> Vec<String> {
    let mut labels = of_release(key);
    labels.push(format!("{INSTANCE}={}", key.instance_id));
    labels
}

/// Whose container has these labels; none when it is not ours.
pub(crate) fn read(labels: &HashMap<String, String>) -> Option<InstanceKey> {
    Some(InstanceKey {
        runner_id: labels.get(RUNNER)?.parse().ok()?,
        deployment_id: labels.get(DEPLOYMENT)?.parse().ok()?,
        release_id: labels.get(RELEASE)?.parse().ok()?,
        instance_id: labels.get(INSTANCE)?.parse().ok()?,
    })
}

/// The ports of the app in the container with these labels.
pub(crate) fn ports(labels: &HashMap<String, String>) -> Vec<Port> {
    let ports = labels.get(PORTS);
    ports
        .and_then(|ports| serde_json::from_str(ports).ok())
        .unwrap_or_default()
}

/// The volumes of the container with these labels.
pub(crate) fn volumes(labels: &HashMap<String, String>) -> Vec<VolumeId> {
    let volumes = labels.get(VOLUMES);
    volumes
        .and_then(|volumes| serde_json::from_str(volumes).ok())
        .unwrap_or_default()
}

/// The labels of a runner's volume.
pub(crate) fn of_volume(owner: RunnerId, volume: VolumeId) -> HashMap<String, String> {
    [(RUNNER, owner.to_string()), (VOLUME, volume.to_string())]
        .map(|(label, value)| (label.to_owned(), value))
        .into()
}

/// The labels of the note that a runner's volume is kept until a moment.
pub(crate) fn of_retired(
    owner: RunnerId,
    volume: VolumeId,
    until: Timestamp,
) -> HashMap<String, String> {
    [
        (RUNNER, owner.to_string()),
        (RETIRED_VOLUME, volume.to_string()),
        (RETIRED, until.to_string()),
    ]
    .map(|(label, value)| (label.to_owned(), value))
    .into()
}

/// What a note with these labels says. One whose moment cannot be read says nothing: what is not
/// understood is kept.
pub(crate) fn retired(labels: &HashMap<String, String>) -> Option<Retired> {
    let until = serde_json::Value::String(labels.get(RETIRED)?.clone());
    Some(Retired {
        volume_id: labels.get(RETIRED_VOLUME)?.parse().ok()?,
        until: serde_json::from_value(until).ok()?,
    })
}

/// Whether these labels say that this is the runner's volume.
pub(crate) fn is_volume(
    labels: &HashMap<String, String>,
    owner: RunnerId,
    volume: VolumeId,
) -> bool {
    of_volume(owner, volume)
        .iter()
        .all(|(label, value)| labels.get(label) == Some(value))
}

/// The name of an instance's container.
///
/// The last twelve digits of both ids: the first ones of a `UUIDv7` are the time, and alike for
/// what was made together.
pub(crate) fn container_name(key: &InstanceKey) -> String {
    let short = |id: String| id.rsplit('-').next().unwrap_or_default().to_owned();
    let deployment = short(key.deployment_id.to_string());
    let instance = short(key.instance_id.to_string());
    format!("berth-{deployment}-{instance}")
}

#[cfg(test)]
pub(crate) mod tests {
    use models::{
        DeploymentId, InstanceId, ReleaseId, RunnerId, VolumeId,
        deployment::{Port, Protocol, Spec, VolumeMount},
        value::{ContainerPath, ImageReference},
    };
    use runner_common::InstanceKey;
    use uuid::Uuid;

    use super::{RUNNER, container_name, is_volume, of, of_volume, ports, read, volumes};

    pub(crate) fn key() -> InstanceKey {
        let id = |n: u128| Uuid::from_u128(0x0193_5000_0000_7000_8000_0000_0000_0000 + n);
        InstanceKey {
            runner_id: RunnerId::from_uuid(id(1)),
            deployment_id: DeploymentId::from_uuid(id(2)),
            release_id: ReleaseId::from_uuid(id(3)),
            instance_id: InstanceId::from_uuid(id(4)),
        }
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
        let spec = Spec {
            ports: listens.into(),
            volumes: vec![VolumeMount {
                volume_id: volume,
                path: ContainerPath::trusted("/data"),
            }],
            ..Spec::of_image(ImageReference::trusted("app"))
        };
        let labels = of(&key(), &spec);
        assert_eq!(read(&labels), Some(key()));
        assert_eq!(ports(&labels), listens);
        assert_eq!(volumes(&labels), [volume]);
    }

    #[test]
    fn without_all_labels_it_is_not_ours() {
        let spec = Spec::of_image(ImageReference::trusted("app"));
        let mut labels = of(&key(), &spec);
        labels.remove(RUNNER);
        assert_eq!(read(&labels), None);
        labels.insert(RUNNER.to_owned(), "me".to_owned());
        assert_eq!(read(&labels), None);
    }

    #[test]
    fn a_volume_is_one_runners_only() {
        let volume = VolumeId::from_uuid(Uuid::from_u128(5));
        let labels = of_volume(key().runner_id, volume);
        assert!(is_volume(&labels, key().runner_id, volume));
        let other = RunnerId::from_uuid(Uuid::from_u128(6));
        assert!(!is_volume(&labels, other, volume));
        let other = VolumeId::from_uuid(Uuid::from_u128(6));
        assert!(!is_volume(&labels, key().runner_id, other));
        assert!(!is_volume(&[].into(), key().runner_id, volume));
    }

    #[test]
    fn a_container_is_named_after_its_deployment_and_instance() {
        assert_eq!(container_name(&key()), "berth-000000000002-000000000004");
    }
}
