//! Checks of a container's access to the host.

use bollard::models::{HostConfig, RestartPolicyNameEnum};

use super::{Allowance, mounts, ports, take_apart};
use crate::container::{CAPABILITIES, MAX_PROCESSES, SECURITY, log_config as our_log_config};

/// Checks all fields; fails with the name of the first one that is not allowed.
pub(super) fn check(host: &HostConfig, allowance: &Allowance) -> Result<(), &'static str> {
    take_apart!(host: HostConfig {
        checked: [
            cap_add, cap_drop, log_config, memory, memory_swap, mounts, network_mode, pids_limit,
            port_bindings, privileged, restart_policy, security_opt,
        ],
        // These only restrict the container, or add an init process inside it.
        free: [nano_cpus, init,],
        empty: [
            cpu_shares = "CpuShares",
            cgroup_parent = "CgroupParent",
            blkio_weight = "BlkioWeight",
            blkio_weight_device = "BlkioWeightDevice",
            blkio_device_read_bps = "BlkioDeviceReadBps",
            blkio_device_write_bps = "BlkioDeviceWriteBps",
            blkio_device_read_iops = "BlkioDeviceReadIOps",
            blkio_device_write_iops = "BlkioDeviceWriteIOps",
            cpu_period = "CpuPeriod",
            cpu_quota = "CpuQuota",
            cpu_realtime_period = "CpuRealtimePeriod",
            cpu_realtime_runtime = "CpuRealtimeRuntime",
            cpuset_cpus = "CpusetCpus",
            cpuset_mems = "CpusetMems",
            devices = "Devices",
            device_cgroup_rules = "DeviceCgroupRules",
            device_requests = "DeviceRequests",
            memory_reservation = "MemoryReservation",
            memory_swappiness = "MemorySwappiness",
            oom_kill_disable = "OomKillDisable",
            ulimits = "Ulimits",
            cpu_count = "CpuCount",
            cpu_percent = "CpuPercent",
            io_maximum_iops = "IOMaximumIOps",
            io_maximum_bandwidth = "IOMaximumBandwidth",
            binds = "Binds",
            container_id_file = "ContainerIDFile",
            auto_remove = "AutoRemove",
            volume_driver = "VolumeDriver",
            volumes_from = "VolumesFrom",
            console_size = "ConsoleSize",
            annotations = "Annotations",
            cgroupns_mode = "CgroupnsMode",
            dns = "Dns",
            dns_options = "DnsOptions",
            dns_search = "DnsSearch",
            extra_hosts = "ExtraHosts",
            group_add = "GroupAdd",
            ipc_mode = "IpcMode",
            cgroup = "Cgroup",
            links = "Links",
            oom_score_adj = "OomScoreAdj",
            pid_mode = "PidMode",
            publish_all_ports = "PublishAllPorts",
            readonly_rootfs = "ReadonlyRootfs",
            storage_opt = "StorageOpt",
            tmpfs = "Tmpfs",
            uts_mode = "UTSMode",
            userns_mode = "UsernsMode",
            shm_size = "ShmSize",
            sysctls = "Sysctls",
            runtime = "Runtime",
            isolation = "Isolation",
            masked_paths = "MaskedPaths",
            readonly_paths = "ReadonlyPaths",
        ],
    });
    let restart = restart_policy.as_ref().and_then(|policy| policy.name);
    for (is_ours, name) in [
        (is_exactly(cap_add.as_ref(), &CAPABILITIES), "CapAdd"),
        (is_exactly(cap_drop.as_ref(), &["ALL"]), "CapDrop"),
        (
            is_exactly(security_opt.as_ref(), &[SECURITY]),
            "SecurityOpt",
        ),
        (*privileged == Some(false), "Privileged"),
        (*pids_limit == Some(MAX_PROCESSES), "PidsLimit"),
        (memory_swap == memory, "MemorySwap"),
        (log_config.as_ref() == Some(&our_log_config()), "LogConfig"),
        (restart == Some(RestartPolicyNameEnum::NO), "RestartPolicy"),
        (
            network_mode.as_ref() == Some(&allowance.network),
            "NetworkMode",
        ),
        (
            ports::are_ours(port_bindings.as_ref(), allowance.publish_address),
            "PortBindings",
        ),
        (mounts.iter().flatten().all(mounts::is_own_volume), "Mounts"),
    ] {
        if !is_ours {
            return Err(name);
        }
    }
    Ok(())
}

fn is_exactly(found: Option<&Vec<String>>, wanted: &[&str]) -> bool {
    found.is_some_and(|found| found == wanted)
}
