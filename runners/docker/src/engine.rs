//! The connection to the engine, and the engine's features.

mod api;

use std::path::Path;

use bollard::Docker;
use models::{
    deployment::ImagePlatform,
    runner::{HostPolicy, RunnerInfo},
    value::PlatformName,
};
use runner_common::RunnerError;

pub(crate) use self::api::path_prefix;
use crate::{
    error,
    platform::{self, HostPlatforms},
};

/// Timeout for the start of a response, in seconds.
///
/// A request to stop a container is answered only when it has stopped.
const ANSWER_WITHIN: u64 = 120;

/// Engine versions that this crate's suite runs on, `cargo xtask test engines`.
const TESTED: [&str; 3] = ["20.10", "26.1", "28.5"];

#[derive(Clone, Debug)]
pub(crate) struct Engine {
    pub(crate) docker: Docker,
    /// Memory of the host; 0 when the engine does not say.
    pub(crate) memory_bytes: u64,
    /// Number of the host's processors; absent when the engine does not say.
    pub(crate) processors: Option<u64>,
    /// True if the engine can put an init process into containers.
    ///
    /// It reaps orphans, and hands signals on to apps that expect not to be process 1.
    pub(crate) has_init: bool,
    /// Platforms that its host runs.
    pub(crate) platforms: HostPlatforms,
}

impl Engine {
    /// Connects to the engine behind a socket, in an API version that both support.
    ///
    /// # Errors
    /// When it does not answer, or supports no such version.
    pub(crate) async fn connect(socket: &Path, policy: &HostPolicy) -> Result<Self, RunnerError> {
        let docker = connect_to(socket)?;
        let docker = docker.negotiate_version().await.map_err(error::silent)?;
        let version = docker.version().await.map_err(error::silent)?;
        let docker = api::negotiate(docker, &version)?;
        let info = docker.info().await.map_err(error::silent)?;
        let kernel_name = info.architecture.unwrap_or_default();
        let own = ImagePlatform {
            os: version.os.unwrap_or_default(),
            // Named as in images, unlike in the `info` response.
            architecture: version.arch.unwrap_or_default(),
            variant: platform::variant_of(&kernel_name),
        };
        let emulated = policy.emulated_platforms.iter().flatten();
        // The engine runs its init program to learn the version; the id "N/A" means that this
        // failed.
        let init = info.init_commit.and_then(|commit| commit.id);
        Ok(Self {
            docker,
            memory_bytes: memory_bytes(info.mem_total),
            processors: info.ncpu.and_then(|n| n.try_into().ok()),
            has_init: init.is_some_and(|id| id != "N/A"),
            platforms: HostPlatforms {
                own,
                emulated: emulated.map(PlatformName::platform).collect(),
            },
        })
    }

    /// Returns facts of the engine and its host.
    pub(crate) async fn about(&self) -> Result<RunnerInfo, RunnerError> {
        let info = self.docker.info().await.map_err(error::silent)?;
        Ok(RunnerInfo {
            kind: "docker".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            platform_version: info.server_version.unwrap_or_default(),
            platform_api: Some(self.docker.client_version().to_string()),
            tested_platforms: TESTED.map(str::to_owned).into(),
            os: info.os_type.unwrap_or_default(),
            arch: info.architecture.unwrap_or_default(),
            host_name: info.name.unwrap_or_default(),
            cpus: info.ncpu.and_then(|n| n.try_into().ok()).unwrap_or(0),
            memory_bytes: memory_bytes(info.mem_total),
            disk_bytes: info.docker_root_dir.as_deref().and_then(disk_bytes),
            volumes: false,
            tags: false,
            runs: false,
            private_networks: false,
            app_firewall: None,
            publish_address: None,
            policy: None,
        })
    }
}

/// Memory of the host; 0 when the engine does not say.
fn memory_bytes(total: Option<i64>) -> u64 {
    total.and_then(|total| total.try_into().ok()).unwrap_or(0)
}

/// Returns the engine's version, even if this runner does not support it.
///
/// # Errors
/// When it does not answer.
pub(crate) async fn version(socket: &Path) -> Result<Option<String>, RunnerError> {
    let about = connect_to(socket)?.version().await.map_err(error::silent)?;
    Ok(about.version)
}

fn connect_to(socket: &Path) -> Result<Docker, RunnerError> {
    let socket = socket.to_string_lossy();
    Docker::connect_with_unix(&socket, ANSWER_WITHIN, &api::NEWEST).map_err(error::silent)
}

/// Returns the size of the disk that holds the engine's data.
///
/// `None` when this process cannot see that folder, as when the engine is on another host.
fn disk_bytes(folder: &str) -> Option<u64> {
    let disk = rustix::fs::statvfs(folder).ok()?;
    disk.f_blocks.checked_mul(disk.f_frsize)
}
