//! Facts of this host.

use std::thread;

use models::runner::RunnerInfo;
use rustix::system::{sysinfo, uname};

/// Facts of a runner whose platform is this host.
pub fn host_info(kind: &str, version: &str) -> RunnerInfo {
    let (system, memory) = (uname(), sysinfo());
    let cpus = thread::available_parallelism().map_or(1, Into::into);
    RunnerInfo {
        kind: kind.to_owned(),
        version: version.to_owned(),
        platform_version: system.release().to_string_lossy().into_owned(),
        platform_api: None,
        tested_platforms: Vec::new(),
        os: std::env::consts::OS.to_owned(),
        arch: std::env::consts::ARCH.to_owned(),
        host_name: system.nodename().to_string_lossy().into_owned(),
        cpus: u32::try_from(cpus).unwrap_or(u32::MAX),
        memory_bytes: memory.totalram * u64::from(memory.mem_unit),
        disk_bytes: None,
        volumes: false,
        tags: false,
        private_networks: false,
        runs: false,
        app_firewall: None,
        publish_address: None,
        policy: None,
    }
}
