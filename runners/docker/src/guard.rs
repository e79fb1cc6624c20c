//! The last check of a container before it goes to the engine.
//!
//! It is an allow-list over every field that the engine knows: each must be exactly ours, or
//! harmless, or empty. The structs are destructured without `..`, so a field that a newer
//! engine library adds does not compile until someone decides on its values. It shares nothing
//! with `container.rs` but the numbers, since it guards against mistakes there.

mod host;
pub(crate) mod limits;
mod mounts;
mod paths;
mod ports;

use std::net::IpAddr;

use bollard::models::{ContainerCreateBody, EndpointSettings, HealthConfig, NetworkingConfig};
use models::{deployment::ImageDescription, runner::RunnerFile, value::ResourceName};
use runner_common::{RunnerError, refused};

use crate::container::NO_HEALTH_CHECK;

/// Permissions of this one container.
#[derive(Clone, Debug)]
pub(crate) struct Allowance {
    /// The one network that it may join.
    pub(crate) network: String,
    /// The one name that it may have there.
    pub(crate) host_name: Option<ResourceName>,
    /// The one address on which its ports may be published.
    pub(crate) publish_address: IpAddr,
}

/// Checks a container that is about to be created.
///
/// # Errors
/// A refusal that names the first field that is not allowed.
pub(crate) fn check(body: &ContainerCreateBody, allowance: &Allowance) -> Result<(), RunnerError> {
    container(body, allowance).map_err(|field| {
        refused(format!(
            "the container option {field} has a value that could let an app break out of its \
             container. No setting in the policy file can allow this."
        ))
    })
}

/// Checks the working directory of an image, for specifications without one.
///
/// # Errors
/// A refusal when it is in a filesystem of the kernel, which can lead out of a container.
pub(crate) fn check_start_of(image: &ImageDescription) -> Result<(), RunnerError> {
    match image.working_directory.as_deref() {
        Some(path) if !paths::is_for_work_of_image(path) => Err(refused(format!(
            "the image's working directory is {path}, which could let an app break out of its \
             container. Set another working directory, or rebuild the image with another one."
        ))),
        _ => Ok(()),
    }
}

/// Checks the paths of files to put into a container.
///
/// # Errors
/// A refusal that names the first path that belongs to the container's system.
pub(crate) fn check_files(files: &[RunnerFile]) -> Result<(), RunnerError> {
    let mut paths = files.iter().map(|file| file.path.as_str());
    match paths.find(|path| !paths::is_for_data(path)) {
        Some(path) => Err(refused(format!(
            "{path} is a system path of the container, so files cannot be placed there. No setting \
             in the policy file can allow this."
        ))),
        None => Ok(()),
    }
}

/// Destructures a struct field by field, without `..`.
///
/// A `checked` field gets a binding for the code behind, a `free` field may be anything, and an
/// `empty` field is refused when set, by the engine's name of the field.
macro_rules! take_apart {
    ($from:ident: $type:ident {
        checked: [$($checked:ident,)*],
        free: [$($free:ident,)*],
        empty: [$($empty:ident = $name:literal,)*],
    }) => {
        let $type { $($checked,)* $($free: _,)* $($empty,)* } = $from;
        $(if $empty.is_some() {
            return Err($name);
        })*
    };
}
use take_apart;

fn container(body: &ContainerCreateBody, allowance: &Allowance) -> Result<(), &'static str> {
    take_apart!(body: ContainerCreateBody {
        checked: [host_config, healthcheck, networking_config, working_dir,],
        // Fields that have an effect only inside the container.
        free: [
            image, entrypoint, cmd, user, env, stop_signal, stop_timeout, labels, exposed_ports,
        ],
        empty: [
            hostname = "Hostname",
            domainname = "Domainname",
            attach_stdin = "AttachStdin",
            attach_stdout = "AttachStdout",
            attach_stderr = "AttachStderr",
            tty = "Tty",
            open_stdin = "OpenStdin",
            stdin_once = "StdinOnce",
            args_escaped = "ArgsEscaped",
            volumes = "Volumes",
            network_disabled = "NetworkDisabled",
            on_build = "OnBuild",
            shell = "Shell",
        ],
    });
    if !working_dir.as_deref().is_none_or(paths::is_for_work) {
        return Err("WorkingDir");
    }
    if !has_only_name(networking_config.as_ref(), allowance) {
        return Err("NetworkingConfig");
    }
    // The image's own check may be turned off, but never replaced.
    let off = HealthConfig {
        test: Some(vec![NO_HEALTH_CHECK.to_owned()]),
        ..HealthConfig::default()
    };
    if healthcheck.as_ref().is_some_and(|check| *check != off) {
        return Err("Healthcheck");
    }
    // Without it the engine would apply its own defaults to everything in it.
    host::check(host_config.as_ref().ok_or("HostConfig")?, allowance)
}

/// True if a container gets its own name on its network, and nothing else there.
fn has_only_name(config: Option<&NetworkingConfig>, allowance: &Allowance) -> bool {
    let endpoints = config.and_then(|config| config.endpoints_config.as_ref());
    match (config, &allowance.host_name) {
        (None, None) => true,
        (Some(_), Some(name)) => endpoints.is_some_and(|endpoints| {
            let named = EndpointSettings {
                aliases: Some(vec![name.to_string()]),
                ..EndpointSettings::default()
            };
            endpoints.len() == 1 && endpoints.get(&allowance.network) == Some(&named)
        }),
        _ => false,
    }
}

#[cfg(test)]
mod tests;
