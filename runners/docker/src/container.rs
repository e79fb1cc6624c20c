//! The container of an instance: its settings, limits and privileges.

use std::{collections::HashMap, net::SocketAddr};

use bollard::models::{
    ContainerCreateBody, EndpointSettings, HealthConfig, HostConfig, HostConfigLogConfig,
    NetworkingConfig, PortBinding, PortMap, RestartPolicy, RestartPolicyNameEnum,
};
use models::{
    deployment::{ImageCheckUse, Port},
    runner::RunnerSpec,
    value::Argument,
};
use runner_common::{InstanceSpec, Owner};

use crate::{
    labels::{self, Limits},
    volumes,
};

/// Root's capabilities inside a container.
///
/// Everything else is dropped: no raw sockets, no device nodes, no mounts, no changes to the
/// network or the kernel.
pub(crate) const CAPABILITIES: [&str; 7] = [
    // Entry points of ordinary images (nginx, PostgreSQL, Redis) start as root, hand their data
    // folder to the app's own user, and become that user.
    "CHOWN",
    "DAC_OVERRIDE",
    "FOWNER",
    "SETGID",
    "SETUID",
    // A first process that stayed root passes signals on to an app that did not.
    "KILL",
    // Ports below 1024, inside the container only.
    "NET_BIND_SERVICE",
];

/// Most processes and threads, so that a fork bomb ends in its own container.
pub(crate) const MAX_PROCESSES: i64 = 512;

/// Keeps programs from gaining privileges, even through a set-uid bit.
pub(crate) const SECURITY: &str = "no-new-privileges:true";

/// The engine's word that disables an image's health check.
pub(crate) const NO_HEALTH_CHECK: &str = "NONE";

/// Limits of an instance's log files on the engine.
///
/// The server keeps the logs; these files bridge a time without it, and must not fill the disk.
const LOG_FILE_SIZE: &str = "16m";
const LOG_FILES: &str = "3";

/// Facts of the host that a container's settings depend on.
#[derive(Clone, Debug)]
pub(crate) struct ContainerContext {
    /// Network that it joins.
    pub(crate) network: String,
    /// Host addresses of its published ports.
    pub(crate) published: Vec<(Port, SocketAddr)>,
    /// Memory of an instance without a limit of its own, in mebibytes.
    pub(crate) default_memory_mib: Option<u32>,
    /// True if the engine can put an init process into it.
    pub(crate) has_init: bool,
}

/// Builds the engine's request for a container.
pub(crate) fn body(
    owner: &Owner,
    instance: &InstanceSpec,
    image_id: String,
    context: ContainerContext,
) -> ContainerCreateBody {
    let spec = &instance.spec;
    let limits = Limits::of(spec, context.default_memory_mib);
    let environment = spec.environment.iter();
    let ports = spec.ports.iter().map(port_name).collect();
    ContainerCreateBody {
        image: Some(image_id),
        // An entry point of its own drops the image's arguments too.
        entrypoint: argv(&spec.entrypoint),
        cmd: argv(&spec.arguments),
        user: spec.user.as_ref().map(ToString::to_string),
        env: Some(
            environment
                .map(|variable| format!("{}={}", variable.name, variable.value.as_str()))
                .collect(),
        ),
        labels: Some(labels::of(owner, instance, limits)),
        exposed_ports: Some(ports),
        healthcheck: health_check(spec.image_health_check),
        networking_config: named(instance, &context.network),
        host_config: Some(host_config(spec, limits, context)),
        // When absent, the image's own applies.
        stop_signal: spec.stop.signal.map(|signal| signal.to_string()),
        // The engine counts whole seconds; round up, so that an app never gets less.
        stop_timeout: Some(i64::from(spec.stop.grace_ms.div_ceil(1_000))),
        working_dir: spec.working_directory.as_ref().map(ToString::to_string),
        ..ContainerCreateBody::default()
    }
}

/// Gives a container its host name on its network, in the engine's words an alias.
fn named(instance: &InstanceSpec, network: &str) -> Option<NetworkingConfig> {
    let host_name = instance.network.as_ref()?.host_name.as_ref()?;
    let endpoint = EndpointSettings {
        aliases: Some(vec![host_name.to_string()]),
        ..EndpointSettings::default()
    };
    Some(NetworkingConfig {
        endpoints_config: Some(HashMap::from([(network.to_owned(), endpoint)])),
    })
}

fn argv(arguments: &[Argument]) -> Option<Vec<String>> {
    let argv: Vec<String> = arguments.iter().map(ToString::to_string).collect();
    (!argv.is_empty()).then_some(argv)
}

/// Overrides the image's health check; `None` leaves it as it is.
fn health_check(used: ImageCheckUse) -> Option<HealthConfig> {
    match used {
        ImageCheckUse::Use => None,
        ImageCheckUse::Ignore => Some(HealthConfig {
            test: Some(vec![NO_HEALTH_CHECK.to_owned()]),
            ..HealthConfig::default()
        }),
    }
}

fn host_config(spec: &RunnerSpec, limits: Limits, context: ContainerContext) -> HostConfig {
    let Limits { memory, nano_cpus } = limits;
    HostConfig {
        cap_add: Some(CAPABILITIES.map(str::to_owned).into()),
        cap_drop: Some(vec!["ALL".to_owned()]),
        init: context.has_init.then_some(true),
        log_config: Some(log_config()),
        memory,
        mounts: Some(spec.volumes.iter().map(volumes::mount).collect()),
        // The engine's limit is memory and swap together: equal values mean no swap.
        memory_swap: memory,
        nano_cpus,
        network_mode: Some(context.network),
        pids_limit: Some(MAX_PROCESSES),
        port_bindings: Some(bindings(&context.published)),
        privileged: Some(false),
        restart_policy: Some(RestartPolicy {
            name: Some(RestartPolicyNameEnum::NO),
            maximum_retry_count: None,
        }),
        security_opt: Some(vec![SECURITY.to_owned()]),
        ..HostConfig::default()
    }
}

/// Configures the engine's log of an instance.
pub(crate) fn log_config() -> HostConfigLogConfig {
    HostConfigLogConfig {
        typ: Some("local".to_owned()),
        config: Some(HashMap::from([
            ("max-size".to_owned(), LOG_FILE_SIZE.to_owned()),
            ("max-file".to_owned(), LOG_FILES.to_owned()),
        ])),
    }
}

fn bindings(published: &[(Port, SocketAddr)]) -> PortMap {
    let binding = |address: SocketAddr| PortBinding {
        host_ip: Some(address.ip().to_string()),
        host_port: Some(address.port().to_string()),
    };
    let bindings = published
        .iter()
        .map(|(port, address)| (port_name(port), Some(vec![binding(*address)])));
    bindings.collect()
}

/// Name of a port on the engine, for example `53/udp`.
pub(crate) fn port_name(port: &Port) -> String {
    format!("{}/{}", port.number, port.protocol.transport().name())
}

#[cfg(test)]
mod tests {
    use models::{
        deployment::{Port, Protocol},
        runner::RunnerSpec,
        value::{ImageDigest, ImageReference},
    };
    use runner_common::InstanceSpec;

    use bollard::models::PortMap;

    use super::{ContainerContext, body};
    use crate::labels::tests::{key, owner};

    #[test]
    fn the_whole_container_is_as_it_was_agreed() {
        let spec = serde_json::json!({
            "image": "app",
            "entrypoint": ["/app", "-c"],
            "arguments": ["echo $HOME; exit"],
            "user": "1000:1000",
            "working_directory": "/srv/a b",
            "ports": [{"number": 8080}, {"number": 53, "protocol": "udp"}],
            "volumes": [
                {"volume_id": "01935000-0000-7000-8000-000000000005", "path": "/var/lib/app"},
            ],
            "resources": {"cpu_millis": 250, "memory_mib": 64},
            "stop": {"signal": "SIGINT", "grace_ms": 1500},
            "environment": [{"name": "GREETING", "value": "a $(b) 'c'\n=d"}],
        });
        let instance = InstanceSpec {
            key: key(),
            spec: serde_json::from_value(spec).unwrap(),
            image_digest: ImageDigest::sha256([0; 32]),
            expected_volumes: Vec::new(),
            network: None,
        };
        let context = ContainerContext {
            network: "network".to_owned(),
            published: vec![
                (Port::http(8080), "127.0.0.1:40000".parse().unwrap()),
                (
                    Port {
                        number: 53,
                        protocol: Protocol::Udp,
                    },
                    "127.0.0.1:40001".parse().unwrap(),
                ),
            ],
            default_memory_mib: Some(512),
            has_init: true,
        };
        let container = body(&owner(), &instance, "sha256:1".to_owned(), context);
        let mut settings = insta::Settings::clone_current();
        settings.set_sort_maps(true);
        settings.bind(|| insta::assert_json_snapshot!(container));
    }

    #[test]
    fn an_app_that_asks_for_nothing_publishes_no_port_and_has_the_default_memory() {
        let instance = InstanceSpec {
            key: key(),
            spec: RunnerSpec::of_image(ImageReference::trusted("app")),
            image_digest: ImageDigest::sha256([0; 32]),
            expected_volumes: Vec::new(),
            network: None,
        };
        let context = ContainerContext {
            network: "network".to_owned(),
            published: Vec::new(),
            default_memory_mib: Some(512),
            has_init: false,
        };
        let body = body(&owner(), &instance, "sha256:1".to_owned(), context);
        assert_eq!(body.exposed_ports, Some(Vec::new()));
        let from_the_image = (body.entrypoint, body.cmd, body.user, body.stop_signal);
        assert_eq!(from_the_image, (None, None, None, None));
        let host = body.host_config.unwrap();
        assert_eq!(host.port_bindings, Some(PortMap::new()));
        // An instance without a limit gets the host's default, and no swap beside it.
        assert_eq!(host.memory, Some(512 << 20));
        assert_eq!(host.memory_swap, host.memory);
    }
}
