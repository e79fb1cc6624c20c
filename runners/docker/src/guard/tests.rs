//! Every way out of a container, each tried on a container with real settings.

use bollard::models::ContainerCreateBody;
use models::{
    EnvironmentId,
    deployment::{FailureCode, Fault, ImageDescription, Port},
    runner::RunnerFile,
    value::{ImageDigest, ResourceName},
};
use runner_common::{InstanceNetwork, InstanceSpec, Retry, RunnerError};
use serde_json::{Value, json};

use super::{Allowance, check, check_files, check_start_of};
use crate::{
    container::{ContainerContext, body},
    labels::tests::{key, owner},
};

const NETWORK: &str = "9f0c7c6b5d4e3f2a1b0c9d8e7f6a5b4c3d2e1f0a9b8c7d6e5f4a3b2c1d0e9f8a";

/// Returns a container with everything that a deployment can ask for.
fn ours() -> ContainerCreateBody {
    let spec = json!({
        "image": "app",
        "command": ["/app", "--privileged"],
        "working_directory": "/srv",
        "ports": [{"number": 80}, {"number": 53, "protocol": "udp"}],
        "resources": {"cpu_millis": 250, "memory_mib": 64},
        "environment": [{"name": "GREETING", "value": "hello"}],
    });
    let instance = InstanceSpec {
        key: key(),
        spec: serde_json::from_value(spec).unwrap(),
        image_digest: ImageDigest::sha256([0; 32]),
        expected_volumes: Vec::new(),
        network: Some(InstanceNetwork {
            environment_id: EnvironmentId::from_uuid(uuid::Uuid::from_u128(9)),
            host_name: Some(ResourceName::trusted("api")),
        }),
    };
    let context = ContainerContext {
        network: NETWORK.to_owned(),
        published: vec![(Port::http(80), "127.0.0.1:40000".parse().unwrap())],
        default_memory_mib: Some(512),
        has_init: true,
    };
    body(&owner(), &instance, "sha256:1".to_owned(), context)
}

fn checked(body: &ContainerCreateBody) -> Result<(), RunnerError> {
    let allowance = Allowance {
        network: NETWORK.to_owned(),
        host_name: Some(ResourceName::trusted("api")),
        publish_address: "127.0.0.1".parse().unwrap(),
    };
    check(body, &allowance)
}

/// Returns the container with one other value, as the engine would get it.
fn with(place: &str, value: Value) -> ContainerCreateBody {
    let mut body = serde_json::to_value(ours()).unwrap();
    let target = match place.strip_prefix("HostConfig.") {
        Some(field) => &mut body["HostConfig"][field],
        None => &mut body[place],
    };
    *target = value;
    let changed = serde_json::from_value(body).unwrap();
    assert_ne!(changed, ours(), "{place} is no field that the engine knows");
    changed
}

#[test]
fn the_images_own_health_check_may_be_turned_off() {
    let off = with("Healthcheck", json!({"Test": ["NONE"]}));
    assert!(checked(&off).is_ok());
}

#[test]
fn all_that_a_deployment_can_specify_passes_the_guard() {
    checked(&ours()).unwrap();
    let volume = "berth-01935000-0000-7000-8000-000000000001";
    for mount in [
        json!({"Type": "volume", "Source": volume, "Target": "/data"}),
        json!({"Type": "volume", "Source": volume, "Target": "/data", "ReadOnly": true,
               "VolumeOptions": {"NoCopy": true}}),
    ] {
        checked(&with("HostConfig.Mounts", json!([mount]))).unwrap();
    }
}

/// The container on its network, with these settings there.
fn endpoint(settings: Value) -> Value {
    json!({"EndpointsConfig": {NETWORK: settings}})
}

/// Tries each of these, and checks that the refusal names the field.
fn all_refused(ways: &[(&str, Value)]) {
    for (place, value) in ways {
        let error = checked(&with(place, value.clone())).expect_err(place);
        assert_eq!(
            (error.code.clone(), error.fault),
            (FailureCode::RefusedByHostPolicy, Fault::User)
        );
        assert_eq!(error.retry, Retry::Never);
        let field = place.rsplit('.').next().unwrap();
        let named = format!("the container option {field} has");
        assert!(error.message.contains(&named), "{place} = {value}: {error}");
    }
}

#[test]
fn nothing_about_the_container_itself_is_as_the_engine_would_have_it() {
    all_refused(&[
        ("Hostname", json!("other")),
        ("Domainname", json!("other")),
        ("AttachStdin", json!(true)),
        ("AttachStdout", json!(true)),
        ("AttachStderr", json!(true)),
        ("Tty", json!(true)),
        ("OpenStdin", json!(true)),
        ("StdinOnce", json!(true)),
        ("Healthcheck", json!({"Test": ["CMD", "true"]})),
        ("Healthcheck", json!({"Test": ["NONE", "true"]})),
        ("Healthcheck", json!({"Test": ["NONE"], "Interval": 1})),
        ("ArgsEscaped", json!(true)),
        ("Volumes", json!({"/data": {}})),
        ("NetworkDisabled", json!(false)),
        ("OnBuild", json!(["RUN x"])),
        ("Shell", json!(["sh"])),
        ("NetworkingConfig", json!({"EndpointsConfig": {"host": {}}})),
        ("NetworkingConfig", json!(null)),
        ("NetworkingConfig", endpoint(json!({"Aliases": ["web"]}))),
        (
            "NetworkingConfig",
            endpoint(json!({"Aliases": ["api", "web"]})),
        ),
        (
            "NetworkingConfig",
            endpoint(json!({"Aliases": ["api"], "IPAddress": "10.201.0.1"})),
        ),
        (
            "NetworkingConfig",
            json!({"EndpointsConfig": {NETWORK: {"Aliases": ["api"]}, "host": {}}}),
        ),
        ("WorkingDir", json!("/proc/self/fd/7")),
        ("WorkingDir", json!("/srv/../proc/self/fd/7")),
        ("WorkingDir", json!("dev/fd/7")),
    ]);
}

#[test]
fn an_image_does_not_start_where_it_could_leave_its_container() {
    let image = |path: &str| ImageDescription {
        working_directory: Some(path.to_owned()),
        ..ImageDescription::default()
    };
    for path in ["", "/", "/app", "app/", "/usr/src//app/", "/proc/../app"] {
        assert!(check_start_of(&image(path)).is_ok(), "{path:?} was refused");
    }
    assert!(check_start_of(&ImageDescription::default()).is_ok());
    for path in [
        "/proc/self/fd/7",
        "proc/self/fd/8",
        "/app/../dev//fd/9",
        "/./sys",
    ] {
        let error = check_start_of(&image(path)).expect_err(path);
        assert_eq!(
            (error.code.clone(), error.retry),
            (FailureCode::RefusedByHostPolicy, Retry::Never)
        );
    }
}

#[test]
fn volumes_and_files_leave_the_system_of_a_container_alone() {
    let volume = "berth-01935000-0000-7000-8000-000000000001";
    for path in [
        "/sbin",
        "/usr",
        "/etc/resolv.conf",
        "/data/../lib",
        "/dev/shm",
        "data",
    ] {
        let mount = json!({"Type": "volume", "Source": volume, "Target": path});
        all_refused(&[("HostConfig.Mounts", json!([mount]))]);
        let file: RunnerFile = serde_json::from_value(json!({"path": path})).unwrap();
        let error = check_files(&[file]).expect_err(path);
        assert_eq!(
            (error.code.clone(), error.retry),
            (FailureCode::RefusedByHostPolicy, Retry::Never)
        );
        assert!(error.message.contains(path), "{path}: {error}");
    }
}

/// Aliases of all options that could lead out of a container or into another one.
#[test]
fn every_way_out_is_refused() {
    all_refused(&[
        ("HostConfig", Value::Null),
        ("HostConfig.Binds", json!(["/:/host"])),
        ("HostConfig.Binds", json!([])),
        ("HostConfig.VolumesFrom", json!(["other"])),
        ("HostConfig.VolumeDriver", json!("local")),
        ("HostConfig.Tmpfs", json!({"/run": ""})),
        ("HostConfig.Privileged", json!(true)),
        ("HostConfig.Privileged", Value::Null),
        ("HostConfig.NetworkMode", json!("host")),
        ("HostConfig.NetworkMode", json!("none")),
        ("HostConfig.NetworkMode", json!("default")),
        ("HostConfig.NetworkMode", json!("bridge")),
        ("HostConfig.NetworkMode", json!("berth")),
        ("HostConfig.NetworkMode", json!("container:other")),
        ("HostConfig.NetworkMode", Value::Null),
        ("HostConfig.PidMode", json!("host")),
        ("HostConfig.PidMode", json!("container:other")),
        ("HostConfig.IpcMode", json!("host")),
        ("HostConfig.IpcMode", json!("shareable")),
        ("HostConfig.IpcMode", json!("container:other")),
        ("HostConfig.UTSMode", json!("host")),
        ("HostConfig.UsernsMode", json!("host")),
        ("HostConfig.CgroupnsMode", json!("host")),
        ("HostConfig.CgroupnsMode", json!("private")),
        ("HostConfig.Cgroup", json!("container:other")),
        ("HostConfig.CgroupParent", json!("/")),
        ("HostConfig.Devices", json!([{"PathOnHost": "/dev/sda"}])),
        ("HostConfig.DeviceRequests", json!([{"Count": -1}])),
        ("HostConfig.DeviceCgroupRules", json!(["a *:* rwm"])),
        ("HostConfig.CapAdd", json!(["SYS_ADMIN"])),
        ("HostConfig.CapAdd", json!(["ALL"])),
        ("HostConfig.CapAdd", Value::Null),
        ("HostConfig.CapDrop", json!([])),
        ("HostConfig.CapDrop", Value::Null),
        ("HostConfig.SecurityOpt", json!(["seccomp=unconfined"])),
        ("HostConfig.SecurityOpt", json!(["no-new-privileges:false"])),
        (
            "HostConfig.SecurityOpt",
            json!(["no-new-privileges:true", "apparmor=unconfined"]),
        ),
        ("HostConfig.SecurityOpt", Value::Null),
        ("HostConfig.Sysctls", json!({"kernel.shm_rmid_forced": "1"})),
        ("HostConfig.Runtime", json!("runc")),
        ("HostConfig.Isolation", json!("process")),
        ("HostConfig.ExtraHosts", json!(["metadata:169.254.169.254"])),
        ("HostConfig.Links", json!(["other:other"])),
        ("HostConfig.Dns", json!(["127.0.0.1"])),
        ("HostConfig.DnsOptions", json!(["rotate"])),
        ("HostConfig.DnsSearch", json!(["example.org"])),
        ("HostConfig.GroupAdd", json!(["docker"])),
        ("HostConfig.MaskedPaths", json!([])),
        ("HostConfig.ReadonlyPaths", json!([])),
        ("HostConfig.ReadonlyRootfs", json!(false)),
        (
            "HostConfig.Ulimits",
            json!([{"Name": "nofile", "Soft": 1, "Hard": 1}]),
        ),
    ]);
}

#[test]
fn a_container_gets_only_the_listed_parts_of_the_host() {
    let rate = json!([{"Path": "/dev/sda", "Rate": 1}]);
    all_refused(&[
        ("HostConfig.OomScoreAdj", json!(-1000)),
        ("HostConfig.OomKillDisable", json!(true)),
        ("HostConfig.PidsLimit", json!(-1)),
        ("HostConfig.PidsLimit", Value::Null),
        ("HostConfig.MemorySwap", json!(-1)),
        ("HostConfig.MemorySwappiness", json!(100)),
        ("HostConfig.MemoryReservation", json!(1)),
        ("HostConfig.ShmSize", json!(1)),
        ("HostConfig.StorageOpt", json!({"size": "1T"})),
        (
            "HostConfig.LogConfig",
            json!({"Type": "syslog", "Config": {}}),
        ),
        (
            "HostConfig.LogConfig",
            json!({"Type": "local", "Config": {"max-size": "1t", "max-file": "3"}}),
        ),
        ("HostConfig.LogConfig", Value::Null),
        ("HostConfig.RestartPolicy", json!({"Name": "always"})),
        ("HostConfig.RestartPolicy", Value::Null),
        ("HostConfig.AutoRemove", json!(true)),
        ("HostConfig.PublishAllPorts", json!(true)),
        ("HostConfig.ContainerIDFile", json!("/etc/cron.d/x")),
        ("HostConfig.ConsoleSize", json!([1, 1])),
        ("HostConfig.Annotations", json!({"a": "b"})),
        ("HostConfig.CpuShares", json!(1)),
        ("HostConfig.CpuPeriod", json!(1)),
        ("HostConfig.CpuQuota", json!(1)),
        ("HostConfig.CpuRealtimePeriod", json!(1)),
        ("HostConfig.CpuRealtimeRuntime", json!(1)),
        ("HostConfig.CpusetCpus", json!("0")),
        ("HostConfig.CpusetMems", json!("0")),
        ("HostConfig.CpuCount", json!(1)),
        ("HostConfig.CpuPercent", json!(1)),
        ("HostConfig.IOMaximumIOps", json!(1)),
        ("HostConfig.IOMaximumBandwidth", json!(1)),
        ("HostConfig.BlkioWeight", json!(10)),
        (
            "HostConfig.BlkioWeightDevice",
            json!([{"Path": "/dev/sda"}]),
        ),
        ("HostConfig.BlkioDeviceReadBps", rate.clone()),
        ("HostConfig.BlkioDeviceWriteBps", rate.clone()),
        ("HostConfig.BlkioDeviceReadIOps", rate.clone()),
        ("HostConfig.BlkioDeviceWriteIOps", rate),
    ]);
}

#[test]
fn nothing_is_mounted_but_volumes_of_the_runners_own() {
    let volume = "berth-01935000-0000-7000-8000-000000000001";
    for mount in [
        json!({"Type": "bind", "Source": "/", "Target": "/host"}),
        json!({"Type": "bind", "Source": volume, "Target": "/data"}),
        json!({"Type": "tmpfs", "Target": "/run"}),
        json!({"Type": "npipe", "Source": volume, "Target": "/data"}),
        json!({"Type": "cluster", "Source": volume, "Target": "/data"}),
        json!({"Type": "image", "Source": volume, "Target": "/data"}),
        json!({"Source": volume, "Target": "/data"}),
        json!({"Type": "volume", "Target": "/data"}),
        json!({"Type": "volume", "Source": volume}),
        json!({"Type": "volume", "Source": volume, "Target": "data"}),
        json!({"Type": "volume", "Source": "/", "Target": "/data"}),
        json!({"Type": "volume", "Source": "postgres", "Target": "/data"}),
        json!({"Type": "volume", "Source": "berth-", "Target": "/data"}),
        json!({"Type": "volume", "Source": "berth-000000000002-000000000004", "Target": "/data"}),
        json!({"Type": "volume", "Source": volume.to_uppercase(), "Target": "/data"}),
        json!({"Type": "volume", "Source": volume.replace("-0000-", ""), "Target": "/data"}),
        json!({"Type": "volume", "Source": format!("{volume}x"), "Target": "/data"}),
        json!({"Type": "volume", "Source": format!("{volume}/../../.."), "Target": "/data"}),
        json!({"Type": "volume", "Source": volume, "Target": "/data",
               "BindOptions": {"Propagation": "shared"}}),
        json!({"Type": "volume", "Source": volume, "Target": "/data",
               "VolumeOptions": {"Subpath": "../.."}}),
        json!({"Type": "volume", "Source": volume, "Target": "/data",
               "VolumeOptions": {"Labels": {"a": "b"}}}),
        json!({"Type": "volume", "Source": volume, "Target": "/data", "VolumeOptions": {
               "DriverConfig": {"Name": "local", "Options": {"type": "none", "device": "/"}}}}),
        json!({"Type": "volume", "Source": volume, "Target": "/data",
               "TmpfsOptions": {"SizeBytes": 1}}),
    ] {
        let own = json!({"Type": "volume", "Source": volume, "Target": "/own"});
        for mounts in [json!([mount]), json!([own, mount])] {
            let refused = checked(&with("HostConfig.Mounts", mounts));
            assert!(refused.is_err(), "{mount} was let through");
        }
    }
}

#[test]
fn ports_are_published_on_the_runners_address_and_beyond_the_hosts_own() {
    for place in [
        json!({"HostIp": "0.0.0.0", "HostPort": "40000"}),
        json!({"HostIp": "127.0.0.2", "HostPort": "40000"}),
        json!({"HostIp": "", "HostPort": "40000"}),
        json!({"HostPort": "40000"}),
        json!({"HostIp": "127.0.0.1", "HostPort": "22"}),
        json!({"HostIp": "127.0.0.1", "HostPort": "0"}),
        json!({"HostIp": "127.0.0.1", "HostPort": "40000-50000"}),
        json!({"HostIp": "127.0.0.1"}),
    ] {
        let own = json!({"HostIp": "127.0.0.1", "HostPort": "40001"});
        let ports = json!({"80/tcp": [own, place]});
        let refused = checked(&with("HostConfig.PortBindings", ports));
        assert!(refused.is_err(), "{place} was let through");
    }
    for places in [Value::Null, json!([])] {
        let own = json!([{"HostIp": "127.0.0.1", "HostPort": "40001"}]);
        let ports = json!({"53/udp": own, "80/tcp": places});
        let refused = checked(&with("HostConfig.PortBindings", ports));
        assert!(refused.is_err(), "{places} was let through");
    }
}
