//! Frames of the runner protocol, both ways, and messages from pages over a stream.

use std::fmt::Debug;

use garde::Validate;
use models::{
    api::workspace::deployment::OpenTerminal,
    endpoint::StreamEndpoint,
    runner::{RunnerFrame, ServerFrame},
};
use serde::{Serialize, de::DeserializeOwned};

use super::Target;

pub(super) const OF_RUNNERS: Target = Target {
    name: "runner-frames",
    about: "frames from a runner to the server",
    seeds: &[
        r#"{"type":"hello","protocol":1,"about":{"kind":"docker","version":"0","platform_version":"0","os":"linux","arch":"x86_64","host_name":"a","cpus":1,"memory_bytes":1,"volumes":true,"policy":{"registries":["ghcr.io/a"],"exec":true}}}"#,
        r#"{"type":"observed","workloads":[{"deployment_id":"01890000-0000-7000-8000-000000000001","generation":1,"instances":[{"instance_id":"01890000-0000-7000-8000-000000000002","release_id":"01890000-0000-7000-8000-000000000003","state":"crash_loop","code":1,"restarts":3,"ports":[{"number":80,"protocol":"http","address":"127.0.0.1:1"}],"started_at":"2026-01-01T00:00:00Z"}]}]}"#,
        r#"{"type":"release","deployment_id":"01890000-0000-7000-8000-000000000001","release_id":"01890000-0000-7000-8000-000000000003","phase":"failed","failure":{"fault":"user","code":"a","message":"b"}}"#,
        r#"{"type":"logs","batch":1,"deployment_id":"01890000-0000-7000-8000-000000000001","lines":[{"instance_id":"01890000-0000-7000-8000-000000000002","at":"2026-01-01T00:00:00.000001Z","ordinal":0,"stream":"stdout","text":"a"}]}"#,
        r#"{"type":"exec_output","exec_id":"01890000-0000-7000-8000-000000000001","bytes":"YQ=="}"#,
        r#"{"type":"exec_exited","exec_id":"01890000-0000-7000-8000-000000000001","code":-1}"#,
        r#"{"type":"removed","deployment_id":"01890000-0000-7000-8000-000000000001","generation":9}"#,
        r#"{"type":"heartbeat"}"#,
        r#"{"type":"of_the_future","a":[1.5,null]}"#,
    ],
    check: |input| {
        same_again::<RunnerFrame>(input);
    },
};

pub(super) const OF_SERVERS: Target = Target {
    name: "server-frames",
    about: "frames from the server to a runner, and the workloads that the runner accepts",
    seeds: &[
        r#"{"type":"welcome","protocol":1,"runner_id":"01890000-0000-7000-8000-000000000001","epoch":1}"#,
        r#"{"type":"refused","code":"runner_already_connected","message":"a"}"#,
        r#"{"type":"desired_state","epoch":1,"more":true,"workloads":[{"deployment_id":"01890000-0000-7000-8000-000000000001","generation":1,"desired":"running","release":{"release_id":"01890000-0000-7000-8000-000000000002","live":false,"spec":{"image":"ghcr.io/a:1","entrypoint":["a"],"arguments":["b"],"user":"a:1","working_directory":"/a","ports":[{"number":80,"protocol":"http"}],"environment":[{"name":"A","value":"b"}],"config_files":[{"path":"/etc/a","content":"b"}],"volumes":[{"volume_id":"01890000-0000-7000-8000-000000000003","path":"/data"}],"startup_probe":{"kind":"http","port":80,"path":"/"}},"registry_credential":{"host":"ghcr.io","user_name":"a","password":"b"}}}]}"#,
        r#"{"type":"workload_changed","epoch":1,"workload":{"deployment_id":"01890000-0000-7000-8000-000000000001","generation":1,"desired":"deleted"}}"#,
        r#"{"type":"remove_volumes","epoch":1,"volume_ids":["01890000-0000-7000-8000-000000000003"]}"#,
        r#"{"type":"exec_open","exec_id":"01890000-0000-7000-8000-000000000001","deployment_id":"01890000-0000-7000-8000-000000000001","instance_id":"01890000-0000-7000-8000-000000000002","command":["/bin/sh"],"terminal":{"columns":80,"rows":24}}"#,
        r#"{"type":"exec_input","exec_id":"01890000-0000-7000-8000-000000000001","bytes":"YQ=="}"#,
    ],
    check: |input| {
        let workloads = match same_again::<ServerFrame>(input) {
            Some(ServerFrame::DesiredState { workloads, .. }) => workloads,
            Some(ServerFrame::WorkloadChanged { workload, .. }) => vec![*workload],
            _ => return,
        };
        let taken = workloads
            .iter()
            .filter(|workload| workload.validate().is_ok());
        for release in taken.filter_map(|workload| workload.release.as_ref()) {
            let spec = &release.spec;
            let paths = spec.config_files.iter().map(|file| &file.path);
            for path in paths.chain(spec.volumes.iter().map(|volume| &volume.path)) {
                super::values::leads_nowhere_else(path.as_str());
            }
            let mut names = spec
                .environment
                .iter()
                .map(|variable| variable.name.as_str());
            assert!(
                names.all(|name| !name.contains(['=', '\0'])),
                "a name has an equals sign"
            );
            assert!(
                spec.entrypoint
                    .iter()
                    .chain(&spec.arguments)
                    .all(|word| !word.as_str().contains('\0')),
                "a word has a NUL"
            );
        }
    },
};

pub(super) const OF_PAGES: Target = Target {
    name: "page-messages",
    about: "frames from a page to a terminal",
    seeds: &[
        r#"{"type":"input","bytes":"YQ=="}"#,
        r#"{"type":"resize","columns":80,"rows":24}"#,
        r#"{"type":"taken","bytes":65536}"#,
    ],
    check: |input| {
        same_again::<<OpenTerminal as StreamEndpoint>::ClientMessage>(input);
    },
};

/// Asserts that a value survives serialization and parsing unchanged.
fn same_again<T: Serialize + DeserializeOwned + Debug>(input: &[u8]) -> Option<T> {
    let read: T = serde_json::from_slice(input).ok()?;
    let written = serde_json::to_string(&read);
    let written = written.unwrap_or_else(|error| panic!("{read:?} cannot be written: {error}"));
    let again = serde_json::from_str::<T>(&written);
    let again = again.unwrap_or_else(|error| panic!("{written} cannot be read: {error}"));
    assert_eq!(
        serde_json::to_string(&again).ok().as_ref(),
        Some(&written),
        "it changed"
    );
    Some(read)
}
