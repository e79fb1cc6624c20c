//! How containers carry their instance's name.

use std::collections::HashMap;

use models::deployment::Port;
use runner_common::InstanceKey;

/// The runner that made the container. Nothing without this label, or with another runner's id,
/// is ever touched.
pub(crate) const RUNNER: &str = "dev.berth.runner";
const DEPLOYMENT: &str = "dev.berth.deployment";
const RELEASE: &str = "dev.berth.release";
const INSTANCE: &str = "dev.berth.instance";

/// What is spoken on the ports, which the engine does not know.
const PORTS: &str = "dev.berth.ports";

/// The labels of an instance's container.
pub(crate) fn of(key: &InstanceKey, ports: &[Port]) -> HashMap<String, String> {
    let ports = serde_json::to_string(ports).unwrap_or_default();
    [
        (RUNNER, key.runner_id.to_string()),
        (DEPLOYMENT, key.deployment_id.to_string()),
        (RELEASE, key.release_id.to_string()),
        (INSTANCE, key.instance_id.to_string()),
        (PORTS, ports),
    ]
    .map(|(label, value)| (label.to_owned(), value))
    .into()
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
        DeploymentId, InstanceId, ReleaseId, RunnerId,
        deployment::{Port, Protocol},
    };
    use runner_common::InstanceKey;
    use uuid::Uuid;

    use super::{RUNNER, container_name, of, ports, read};

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
        let labels = of(&key(), &listens);
        assert_eq!(read(&labels), Some(key()));
        assert_eq!(ports(&labels), listens);
    }

    #[test]
    fn without_all_labels_it_is_not_ours() {
        let mut labels = of(&key(), &[]);
        labels.remove(RUNNER);
        assert_eq!(read(&labels), None);
        labels.insert(RUNNER.to_owned(), "me".to_owned());
        assert_eq!(read(&labels), None);
    }

    #[test]
    fn a_container_is_named_after_its_deployment_and_instance() {
        assert_eq!(container_name(&key()), "berth-000000000002-000000000004");
    }
}
