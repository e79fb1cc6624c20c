//! A runner that asks to be registered.

use insta::assert_snapshot;
use models::{
    api::workspace::registration::{
        ApproveRegistration, ApproveRegistrationPath, ApproveRegistrationRequest,
        ApproveRegistrationResponse, DenyRegistration, DenyRegistrationPath, FindRegistration,
        FindRegistrationPath, FindRegistrationRequest, FindRegistrationResponse,
    },
    endpoint::Empty,
    runner::{Registration, RegistrationState, Runner, RunnerInfo},
    value::UserCode,
};

use super::{at, id, name, runner_id, workspace_id};
use crate::exchange::exchange;

fn registration() -> Registration {
    Registration {
        registration_id: id(9),
        about: RunnerInfo {
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
            tags: true,
            private_networks: true,
            runs: true,
            app_firewall: None,
            volumes: true,
            publish_address: None,
            policy: None,
        },
        address: "203.0.113.9".to_owned(),
        suggested_name: name("shed"),
        state: RegistrationState::Waiting,
        runner_id: None,
        created_at: at(0),
        expires_at: at(600),
    }
}

#[test]
fn a_runner_is_found_by_its_code_and_answered() {
    let path = FindRegistrationPath {
        workspace_id: workspace_id(),
    };
    let request = FindRegistrationRequest {
        code: UserCode::new("bdwp-hqpk").unwrap(),
    };
    let response = FindRegistrationResponse {
        registration: registration(),
    };
    let find = exchange::<FindRegistration>(path, Empty {}, request, response);
    let path = ApproveRegistrationPath {
        workspace_id: workspace_id(),
        registration_id: id(9),
    };
    let request = ApproveRegistrationRequest { name: name("shed") };
    let response = ApproveRegistrationResponse {
        runner: Runner {
            runner_id: runner_id(),
            workspace_id: workspace_id(),
            name: name("shed"),
            connected: false,
            address: None,
            seen_at: None,
            about: None,
            shares_dashboard_host: false,
            deployments: 0,
            volumes: 0,
            created_at: at(1),
        },
    };
    let approve = exchange::<ApproveRegistration>(path, Empty {}, request, response);
    let path = DenyRegistrationPath {
        workspace_id: workspace_id(),
        registration_id: id(9),
    };
    let deny = exchange::<DenyRegistration>(path, Empty {}, Empty {}, Empty {});
    assert_snapshot!([find, approve, deny].join("\n"));
}
