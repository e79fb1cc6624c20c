//! Registering a runner.

use insta::assert_snapshot;
use models::{
    api::workspace::runner::{
        CreateRunner, CreateRunnerPath, CreateRunnerRequest, CreateRunnerResponse,
    },
    deployment::Protocol,
    endpoint::Empty,
    runner::{AppFirewall, AppReach, HostPolicy, Runner, RunnerInfo},
    value::{InternalRegistry, RegistryPattern, ShownOnce},
};

use super::{at, name, runner_id, workspace_id};
use crate::exchange::exchange;

#[test]
fn create() {
    let path = CreateRunnerPath {
        workspace_id: workspace_id(),
    };
    let runner = Runner {
        runner_id: runner_id(),
        workspace_id: workspace_id(),
        name: name("this-machine"),
        connected: true,
        address: Some("203.0.113.9".to_owned()),
        seen_at: Some(at(1)),
        about: Some(RunnerInfo {
            kind: "docker".to_owned(),
            version: "0.1.0".to_owned(),
            platform_version: "20.10.24".to_owned(),
            platform_api: Some("1.41".to_owned()),
            tested_platforms: vec!["20.10".to_owned(), "28.5".to_owned()],
            os: "linux".to_owned(),
            arch: "x86_64".to_owned(),
            host_name: "shed".to_owned(),
            cpus: 2,
            memory_bytes: 4_294_967_296,
            disk_bytes: Some(85_899_345_920),
            volumes: true,
            tags: true,
            private_networks: true,
            runs: true,
            app_firewall: Some(AppFirewall::Closed),
            publish_address: Some("127.0.0.1".parse().unwrap()),
            policy: Some(HostPolicy {
                registries: Some(vec![RegistryPattern::trusted("ghcr.io/team")]),
                internal_registries: Some(vec![InternalRegistry::trusted("127.0.0.1:5000")]),
                max_instances: Some(5),
                max_deployments: Some(20),
                max_all_instances: None,
                keep_removed_days: Some(30),
                emulated_platforms: None,
                network_pool: None,
                max_cpu_millis: Some(4_000),
                max_memory_mib: Some(2_048),
                default_memory_mib: Some(512),
                protocols: Some(vec![Protocol::Http]),
                exec: false,
                app_reach: AppReach {
                    host_ports: vec![443],
                    ..AppReach::default()
                },
            }),
        }),
        shares_dashboard_host: true,
        deployments: 3,
        volumes: 1,
        created_at: at(0),
    };
    let request = CreateRunnerRequest {
        name: name("this-machine"),
    };
    let response = CreateRunnerResponse {
        runner,
        token: ShownOnce::new("berth_runner_…"),
    };
    let call = exchange::<CreateRunner>(path, Empty {}, request, response);
    assert_snapshot!(call);
}
