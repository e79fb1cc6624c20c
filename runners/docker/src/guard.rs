//! The last look at a container before the engine gets it.
//!
//! It is an allow-list over every field that the engine knows: each is either ours exactly, or
//! harmless, or must be empty. The structs are taken apart without a rest, so a field that a newer
//! engine library brings does not compile until somebody decided what may stand in it. It shares
//! nothing with `container.rs` but the numbers, since it is there for the day when that is wrong.

mod host;
pub(crate) mod limits;
mod mounts;
mod paths;
mod ports;

use std::net::IpAddr;

use bollard::models::{ContainerCreateBody, HealthConfig};
use models::deployment::{ConfigFile, ImageDescription};
use runner_common::{RunnerError, refused};

use crate::container::NO_HEALTH_CHECK;

/// What this container may have that others may not.
#[derive(Clone, Debug)]
pub(crate) struct Granted {
    /// The network for apps, and no other.
    pub(crate) network: String,
    /// The address on which ports are published, and no other.
    pub(crate) publish_address: IpAddr,
}

/// Checks a container that is about to be created.
///
/// # Errors
/// A refusal that names the first field that may not be as it is.
pub(crate) fn check(body: &ContainerCreateBody, granted: &Granted) -> Result<(), RunnerError> {
    container(body, granted).map_err(|field| {
        refused(format!(
            "{field} of a container may not be set like this on any machine, so that what runs \
             cannot reach out of its container. No setting of the policy file allows it."
        ))
    })
}

/// Checks where an image would start whose working directory nobody overrides.
///
/// # Errors
/// A refusal when it is in a filesystem of the kernel, which can lead out of a container.
pub(crate) fn check_start_of(image: &ImageDescription) -> Result<(), RunnerError> {
    match image.working_directory.as_deref() {
        Some(path) if !paths::is_for_work_of_image(path) => Err(refused(format!(
            "the image starts in {path}, which can lead out of a container. Set another working \
             directory, or build the image with another one."
        ))),
        _ => Ok(()),
    }
}

/// Checks where files are about to be put in a container.
///
/// # Errors
/// A refusal that names the first path that belongs to the container's system.
pub(crate) fn check_files(files: &[ConfigFile]) -> Result<(), RunnerError> {
    let mut paths = files.iter().map(|file| file.path.as_str());
    match paths.find(|path| !paths::is_for_data(path)) {
        Some(path) => Err(refused(format!(
            "{path} belongs to the system of a container, so no file may be put there. No setting \
             of the policy file allows it."
        ))),
        None => Ok(()),
    }
}

/// Takes a struct apart, field by field and without a rest: what is `checked` gets a name for the
/// code behind, what is `free` may be anything, and what is `empty` is refused when it is there, by
/// the engine's name of the field.
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

fn container(body: &ContainerCreateBody, granted: &Granted) -> Result<(), &'static str> {
    take_apart!(body: ContainerCreateBody {
        checked: [host_config, healthcheck, working_dir,],
        // What runs inside, and what it is called: all of it stays inside.
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
            networking_config = "NetworkingConfig",
        ],
    });
    if !working_dir.as_deref().is_none_or(paths::is_for_work) {
        return Err("WorkingDir");
    }
    // The image's own check may be turned off; it is never another one.
    let off = HealthConfig {
        test: Some(vec![NO_HEALTH_CHECK.to_owned()]),
        ..HealthConfig::default()
    };
    if healthcheck.as_ref().is_some_and(|check| *check != off) {
        return Err("Healthcheck");
    }
    // Without it the engine would take its own defaults for everything in it.
    host::check(host_config.as_ref().ok_or("HostConfig")?, granted)
}

#[cfg(test)]
mod tests;
