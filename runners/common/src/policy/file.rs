//! The file of the host policy, which the host's owner writes.

use std::{
    fs::File,
    io::{self, Read},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use figment::{
    Figment,
    providers::{Format, Toml},
};
use garde::Validate;
use models::{
    deployment::Protocol,
    runner::{AppReach, HostPolicy},
    value::{InternalRegistry, NetworkPool, PlatformName, RegistryPattern},
};
use serde::Deserialize;

/// Path of the policy file, unless a setting names another.
pub const USUAL_FILE: &str = "/etc/berth/runner-policy.toml";

/// Most host ports in the policy; more than anyone lists one by one.
const MAX_HOST_PORTS: usize = 100;

/// Write permission bits of everyone but the owner.
const OTHERS_WRITE: u32 = 0o022;

/// Reasons why a runner must not start with this policy.
#[derive(Debug, thiserror::Error)]
pub enum PolicyError {
    /// The file cannot be read, or does not exist where it was named.
    #[error("cannot read the policy file {}", .0.display())]
    File(PathBuf, #[source] io::Error),
    /// Others than the owner may write to the file.
    #[error("other users can write to the policy {}; run: chmod go-w {}", .0.display(), .0.display())]
    TooOpen(PathBuf),
    /// A key is unknown, or a value is invalid.
    #[error("invalid policy file {path}: {why}", path = .0.display(), why = .1)]
    Wrong(PathBuf, String),
}

/// All keys of the file.
#[derive(Debug, Default, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
struct PolicyFile {
    #[garde(dive)]
    registries: Option<Vec<RegistryPattern>>,
    #[garde(dive)]
    internal_registries: Option<Vec<InternalRegistry>>,
    #[garde(skip)]
    max_instances: Option<u16>,
    #[garde(skip)]
    max_deployments: Option<u32>,
    #[garde(skip)]
    max_all_instances: Option<u32>,
    #[garde(skip)]
    max_cpu_millis: Option<u32>,
    #[garde(skip)]
    max_memory_mib: Option<u32>,
    #[garde(inner(custom(is_no_limit_or_one)))]
    default_memory_mib: Option<u32>,
    #[garde(skip)]
    protocols: Option<Vec<Protocol>>,
    #[garde(skip)]
    keep_removed_days: Option<u16>,
    #[garde(dive)]
    emulated_platforms: Option<Vec<PlatformName>>,
    #[garde(dive)]
    network_pool: Option<NetworkPool>,
    #[garde(skip)]
    exec: Option<bool>,
    #[garde(skip)]
    apps_reach_host: Option<bool>,
    #[garde(inner(length(max = MAX_HOST_PORTS), inner(range(min = 1))))]
    apps_reach_host_ports: Option<Vec<u16>>,
    #[garde(skip)]
    apps_reach_metadata: Option<bool>,
}

/// Smallest memory limit of a deployment, in mebibytes.
const LEAST_MEMORY_MIB: u32 = 16;

fn is_no_limit_or_one(memory_mib: &u32, (): &()) -> garde::Result {
    if (1..LEAST_MEMORY_MIB).contains(memory_mib) {
        return Err(garde::Error::new("Use at least 16 MiB, or 0 for no limit."));
    }
    Ok(())
}

/// Reads the policy from a file, or from the usual one.
///
/// Without a file at the usual path the defaults hold; a file that was named must exist.
///
/// # Errors
/// See [`PolicyError`]; the runner must not start then.
pub fn read_policy(file: Option<&Path>) -> Result<HostPolicy, PolicyError> {
    let path = file.unwrap_or(Path::new(USUAL_FILE));
    match read(path) {
        Err(PolicyError::File(_, error))
            if file.is_none() && error.kind() == io::ErrorKind::NotFound =>
        {
            Ok(HostPolicy::default())
        }
        read => read,
    }
}

fn read(path: &Path) -> Result<HostPolicy, PolicyError> {
    let failed = |error| PolicyError::File(path.to_owned(), error);
    let mut file = File::open(path).map_err(failed)?;
    let mode = file.metadata().map_err(failed)?.permissions().mode();
    if mode & OTHERS_WRITE != 0 {
        return Err(PolicyError::TooOpen(path.to_owned()));
    }
    let mut text = String::new();
    file.read_to_string(&mut text).map_err(failed)?;

    let wrong = |why: String| PolicyError::Wrong(path.to_owned(), why);
    let file: PolicyFile = Figment::from(Toml::string(&text))
        .extract()
        .map_err(|error| wrong(error.to_string()))?;
    file.validate()
        .map_err(|report| wrong(report.to_string()))?;
    let PolicyFile {
        registries,
        internal_registries,
        max_instances,
        max_deployments,
        max_all_instances,
        max_cpu_millis,
        max_memory_mib,
        default_memory_mib,
        protocols,
        keep_removed_days,
        emulated_platforms,
        network_pool,
        exec,
        apps_reach_host,
        apps_reach_host_ports,
        apps_reach_metadata,
    } = file;
    Ok(HostPolicy {
        registries,
        internal_registries,
        max_instances,
        max_deployments,
        max_all_instances,
        max_cpu_millis,
        max_memory_mib,
        default_memory_mib,
        protocols,
        keep_removed_days,
        emulated_platforms,
        network_pool,
        exec: exec.unwrap_or(HostPolicy::default().exec),
        app_reach: AppReach {
            host: apps_reach_host.unwrap_or_default(),
            host_ports: apps_reach_host_ports.unwrap_or_default(),
            metadata: apps_reach_metadata.unwrap_or_default(),
        },
    })
}
