//! Specifications: the settings that a release runs.

mod stage;

use std::{collections::HashSet, hash::Hash};

use garde::Validate;
use serde::{Deserialize, Serialize};

pub use self::stage::{Referenced, SpecFile, SpecStage, SpecVariable};
use super::{
    ImageCheckUse, MAX_VOLUMES, Port, Probe, Resources, RestartPolicy, StopPolicy, Transport,
    VolumeMount,
    scaling::{default_cpu_target, is_default_cpu_target, is_range_from},
    volume::{check_disjoint, check_single_instance},
};
use crate::value::{Argument, ContainerPath, ContainerUser, ImageReference};

/// The most environment variables that one deployment may have.
pub const MAX_ENVIRONMENT: usize = 500;
/// The most arguments in an entry point, and the most after it.
pub const MAX_ARGUMENTS: usize = 100;
/// The most ports of one deployment.
pub const MAX_PORTS: usize = 20;
/// The most configuration files of one deployment.
pub const MAX_CONFIG_FILES: usize = 50;
/// The most instances of one deployment.
pub const MAX_INSTANCES: u16 = 50;
/// The most bytes of one deployment's environment and configuration files together.
///
/// It ensures that a deployment fits into a frame of the runner protocol, however much JSON
/// escapes it.
pub const MAX_CONTENT_BYTES: usize = 512 * 1024;

/// The specification of a deployment: the settings that people edit.
///
/// No setting is specific to one kind of runner.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Validate)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(rename = "{K}Spec")
)]
#[garde(custom(fits_together))]
pub struct Spec<K: SpecStage = Referenced> {
    /// The container image.
    #[garde(dive)]
    pub image: ImageReference,
    /// The program and its first arguments, without a shell. The image's own when left out.
    ///
    /// It replaces both the image's entry point and the image's arguments. A single text counts
    /// as one argument a line. `command` is an older name of this field.
    #[garde(dive, length(max = MAX_ARGUMENTS))]
    #[serde(
        default,
        alias = "command",
        deserialize_with = "crate::value::lines",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub entrypoint: Vec<Argument>,
    /// Arguments after the entry point, in the same form. The image's own when left out.
    ///
    /// They replace the image's arguments and leave the entry point unchanged.
    #[garde(dive, length(max = MAX_ARGUMENTS))]
    #[serde(
        default,
        deserialize_with = "crate::value::lines",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub arguments: Vec<Argument>,
    /// The user that the program runs as; the image's user when left out.
    ///
    /// `uid` or `name`, each optionally with `:gid` or `:group`. New volumes belong to this
    /// user.
    #[garde(dive)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<ContainerUser>,
    /// The folder that the program starts in. The image's own when left out.
    #[garde(dive, custom(|path: &Option<ContainerPath>, (): &()| {
        path.iter().try_for_each(ContainerPath::is_for_work)
    }))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub working_directory: Option<ContainerPath>,
    /// The ports that the app listens on; each number at most once for each transport.
    ///
    /// The first HTTP port is the app's own address.
    #[garde(dive, length(max = MAX_PORTS), custom(unique_ports))]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ports: Vec<Port>,
    /// The app's environment variables; each name at most once.
    #[garde(dive, length(max = MAX_ENVIRONMENT), custom(unique_names))]
    #[serde(default = "Vec::<K::Variable>::new")]
    pub environment: Vec<K::Variable>,
    /// Files to put into each instance before it starts; each path at most once.
    #[garde(dive, length(max = MAX_CONFIG_FILES), custom(unique_files))]
    #[serde(default = "Vec::<K::File>::new", skip_serializing_if = "Vec::is_empty")]
    pub config_files: Vec<K::File>,
    /// The volumes to mount; each volume and each path at most once.
    ///
    /// A deployment with volumes has one instance.
    #[garde(dive, length(max = MAX_VOLUMES), custom(check_disjoint(&self.config_files)))]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub volumes: Vec<VolumeMount>,
    /// The limits of one instance.
    #[garde(dive)]
    #[serde(default, skip_serializing_if = "is_default")]
    pub resources: Resources,
    /// The instance count, or its minimum if `max_instances` is set. 1 when left out.
    #[garde(range(min = 1, max = MAX_INSTANCES), custom(check_single_instance(&self.volumes)))]
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub instances: u16,
    /// The maximum instance count for autoscaling; no autoscaling when left out.
    ///
    /// Between minimum and maximum, there are as many instances as it takes for each to use as
    /// much CPU as `cpu_target_percent` says.
    #[garde(inner(range(min = 1, max = MAX_INSTANCES)), custom(is_range_from(self.instances, &self.volumes)))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_instances: Option<u16>,
    /// The average CPU usage that autoscaling aims for, in percent; 80 when left out.
    ///
    /// It is relative to an instance's limit, or to one whole processor without a limit, and
    /// only has an effect with a `max_instances`.
    #[garde(range(min = 1, max = 100))]
    #[serde(
        default = "default_cpu_target",
        skip_serializing_if = "is_default_cpu_target"
    )]
    pub cpu_target_percent: u16,
    /// The probe that verifies that an instance has started.
    ///
    /// Without one, the image's health check must succeed. Without that, the HTTP port must
    /// answer. Without that, the instance must stay up for a few seconds.
    #[garde(dive)]
    #[serde(default, skip_serializing_if = "is_default")]
    pub startup_probe: Probe,
    /// The use of the image's own health check.
    ///
    /// It verifies that an instance has started if there is no startup probe, and monitors the
    /// instance while it runs. It can be turned off.
    #[garde(skip)]
    #[serde(default, skip_serializing_if = "is_default")]
    pub image_health_check: ImageCheckUse,
    /// The probe of running instances. An instance that fails it is restarted.
    #[garde(dive)]
    #[serde(default, skip_serializing_if = "is_default")]
    pub liveness_probe: Probe,
    /// The signal and the time for stopping an instance.
    #[garde(dive)]
    #[serde(default, skip_serializing_if = "is_default")]
    pub stop: StopPolicy,
    /// The restart policy: which exits are followed by a restart.
    #[garde(skip)]
    #[serde(default, skip_serializing_if = "is_default")]
    pub restart: RestartPolicy,
}

impl<K: SpecStage> Spec<K> {
    /// Returns a specification that runs an image with its own settings.
    pub fn of_image(image: ImageReference) -> Self {
        Self {
            image,
            entrypoint: Vec::new(),
            arguments: Vec::new(),
            user: None,
            working_directory: None,
            ports: Vec::new(),
            environment: Vec::new(),
            config_files: Vec::new(),
            volumes: Vec::new(),
            resources: Resources::default(),
            instances: one(),
            max_instances: None,
            cpu_target_percent: default_cpu_target(),
            startup_probe: Probe::default(),
            image_health_check: ImageCheckUse::default(),
            liveness_probe: Probe::default(),
            stop: StopPolicy::default(),
            restart: RestartPolicy::default(),
        }
    }

    /// Returns the bytes of the environment and the configuration files together.
    pub fn content_bytes(&self) -> usize {
        let environment = self.environment.iter();
        let variables: usize = environment
            .map(|variable| variable.name().as_str().len() + variable.value().as_str().len())
            .sum();
        let files = self.config_files.iter();
        let files: usize = files.map(|file| file.content().as_str().len()).sum();
        variables + files
    }

    /// Returns it at another stage, with the variables and files of that stage.
    pub fn at_stage<J: SpecStage>(
        self,
        environment: Vec<J::Variable>,
        config_files: Vec<J::File>,
    ) -> Spec<J> {
        Spec {
            image: self.image,
            entrypoint: self.entrypoint,
            arguments: self.arguments,
            user: self.user,
            working_directory: self.working_directory,
            ports: self.ports,
            environment,
            config_files,
            volumes: self.volumes,
            resources: self.resources,
            instances: self.instances,
            max_instances: self.max_instances,
            cpu_target_percent: self.cpu_target_percent,
            startup_probe: self.startup_probe,
            image_health_check: self.image_health_check,
            liveness_probe: self.liveness_probe,
            stop: self.stop,
            restart: self.restart,
        }
    }

    /// Returns the port that is the app's own address; `None` if no port speaks HTTP.
    pub fn http_port(&self) -> Option<u16> {
        let mut ports = self.ports.iter();
        ports.find(|port| port.is_http()).map(|port| port.number)
    }
}

const fn one() -> u16 {
    1
}

const fn is_one(number: &u16) -> bool {
    *number == 1
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// Returns the first value that occurs a second time.
fn twice<T: Eq + Hash>(mut values: impl Iterator<Item = T>) -> Option<T> {
    let mut seen = HashSet::new();
    values.find_map(|value| seen.replace(value))
}

fn fits_together<K: SpecStage>(spec: &Spec<K>, (): &()) -> garde::Result {
    if spec.content_bytes() > MAX_CONTENT_BYTES {
        return Err(garde::Error::new(
            "The environment and the configuration files exceed 512 KiB in total. Make them \
             smaller.",
        ));
    }
    let mut probes = [&spec.startup_probe, &spec.liveness_probe].into_iter();
    let declared = |number| {
        let mut ports = spec.ports.iter();
        ports.any(|port| port.number == number && port.protocol.transport() == Transport::Tcp)
    };
    let missing = probes.find_map(|probe| {
        let port = probe.question()?.port()?;
        (!declared(port)).then_some(port)
    });
    match missing {
        Some(port) => Err(garde::Error::new(format!(
            "A probe uses port {port}, which is not among the ports of this deployment. Add the \
             port, or change the probe."
        ))),
        None => Ok(()),
    }
}

#[expect(clippy::ptr_arg, reason = "the signature is garde's")]
fn unique_ports(ports: &Vec<Port>, (): &()) -> garde::Result {
    match twice(
        ports
            .iter()
            .map(|port| (port.number, port.protocol.transport())),
    ) {
        Some((number, _)) => Err(garde::Error::new(format!(
            "Port {number} is listed twice. Remove one."
        ))),
        None => Ok(()),
    }
}

#[expect(clippy::ptr_arg, reason = "the signature is garde's")]
fn unique_names<V: SpecVariable>(environment: &Vec<V>, (): &()) -> garde::Result {
    match twice(environment.iter().map(SpecVariable::name)) {
        Some(name) => Err(garde::Error::new(format!(
            "{name} is listed twice. Remove one."
        ))),
        None => Ok(()),
    }
}

#[expect(clippy::ptr_arg, reason = "the signature is garde's")]
fn unique_files<F: SpecFile>(files: &Vec<F>, (): &()) -> garde::Result {
    match twice(files.iter().map(SpecFile::path)) {
        Some(path) => Err(garde::Error::new(format!(
            "{path} is listed twice. Remove one."
        ))),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use garde::Validate;
    use serde_json::{Value, json};

    use super::{MAX_CONTENT_BYTES, Spec};
    use crate::value::Argument;

    /// Returns the validation errors of a specification; empty if it is valid.
    fn wrong(mut more: Value) -> String {
        more["image"] = json!("app");
        let spec: Spec = match serde_json::from_value(more) {
            Ok(spec) => spec,
            Err(error) => return error.to_string(),
        };
        spec.validate()
            .err()
            .map_or_else(String::new, |report| report.to_string())
    }

    #[test]
    fn an_image_is_all_that_is_needed() {
        let spec: Spec = serde_json::from_value(json!({"image": "app"})).unwrap();
        assert!(spec.validate().is_ok());
        assert_eq!(spec, Spec::of_image(spec.image.clone()));
        assert_eq!(
            serde_json::to_value(&spec).unwrap(),
            json!({"image": "app", "environment": []})
        );
    }

    #[test]
    fn names_and_paths_of_a_specification_are_unique() {
        let variable = json!({"name": "A", "value": "1"});
        assert_eq!(wrong(json!({"environment": [variable]})), "");
        let found = wrong(json!({"environment": [variable, variable]}));
        assert!(found.contains("A is listed twice"), "{found}");
        let file = json!({"path": "/etc/a", "content": ""});
        let found = wrong(json!({"config_files": [file, file]}));
        assert!(found.contains("/etc/a is listed twice"), "{found}");
        let port = |protocol| json!({"number": 53, "protocol": protocol});
        assert_eq!(wrong(json!({"ports": [port("tcp"), port("udp")]})), "");
        let found = wrong(json!({"ports": [port("tcp"), port("http")]}));
        assert!(found.contains("Port 53 is listed twice"), "{found}");
    }

    #[test]
    fn a_program_does_not_start_in_a_filesystem_of_the_kernel() {
        assert_eq!(wrong(json!({"working_directory": "/usr/src/app"})), "");
        for path in ["/proc/self/fd/7", "/dev/fd/7", "/sys"] {
            let found = wrong(json!({"working_directory": path}));
            assert!(found.starts_with("working_directory: "), "{path}: {found}");
        }
    }

    #[test]
    fn configuration_files_leave_the_system_alone() {
        for path in ["/sbin/init", "/etc/resolv.conf", "/usr", "/bin/sh"] {
            let found = wrong(json!({"config_files": [{"path": path}]}));
            assert!(
                found.starts_with("config_files[0].path: "),
                "{path}: {found}"
            );
        }
    }

    #[test]
    fn a_probe_asks_a_port_of_the_app() {
        let probe = json!({"kind": "tcp", "port": 8080});
        let found = wrong(json!({"startup_probe": probe}));
        assert!(found.contains("8080"), "{found}");
        assert_eq!(
            wrong(json!({"startup_probe": probe, "ports": [{"number": 8080}]})),
            ""
        );
        let datagrams = json!([{"number": 8080, "protocol": "udp"}]);
        let found = wrong(json!({"startup_probe": probe, "ports": datagrams}));
        assert!(found.contains("8080"), "{found}");
    }

    #[test]
    fn arguments_may_be_a_text_with_one_a_line() {
        let read = |value| serde_json::from_value::<Spec>(value).unwrap();
        for field in ["entrypoint", "arguments"] {
            let list = json!({"image": "app", field: ["sh", "-c", "echo a b"]});
            let text = json!({"image": "app", field: "sh\n-c\necho a b\n"});
            assert_eq!(read(list), read(text));
        }
    }

    #[test]
    fn the_command_of_older_versions_is_the_entry_point() {
        let old = json!({"image": "app", "command": ["/app", "serve"]});
        let spec: Spec = serde_json::from_value(old).unwrap();
        let words: Vec<_> = spec.entrypoint.iter().map(Argument::as_str).collect();
        assert_eq!(words, ["/app", "serve"]);
        assert_eq!(
            serde_json::to_value(&spec).unwrap()["entrypoint"],
            json!(["/app", "serve"])
        );
        let both = wrong(json!({"command": ["/a"], "entrypoint": ["/b"]}));
        assert!(both.contains("duplicate field"), "{both}");
    }

    #[test]
    fn a_user_is_checked() {
        assert_eq!(wrong(json!({"user": "1000:1000"})), "");
        assert!(wrong(json!({"user": "a b"})).starts_with("user: "));
    }

    #[test]
    fn contents_are_bounded_together() {
        let content = "x".repeat(MAX_CONTENT_BYTES / 4);
        let file = |number| json!({"path": format!("/{number}"), "content": content});
        let four = [1, 2, 3, 4].map(file);
        assert_eq!(wrong(json!({"config_files": four})), "");
        let variable = json!({"name": "A", "value": "1"});
        let found = wrong(json!({"config_files": four, "environment": [variable]}));
        assert!(found.contains("512 KiB"), "{found}");
    }
}
