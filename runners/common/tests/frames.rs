//! Every frame as it is on the wire.
//!
//! A change here is a change of the protocol: old runners and servers must still understand it.

#![expect(clippy::unwrap_used, reason = "tests speak by panics")]

use models::{
    DeploymentId, EnvironmentId, ExecId, InstanceId, ReleaseId, RunnerId, VolumeId,
    deployment::{
        CopyReason, DesiredState, Failure, FailureCode, Fault, ImageDescription, ImageSource,
        Instance, InstanceState, LastError, LogStream, Port, Progress, PublishedPort, ReleasePhase,
        Usage, VolumeMount,
    },
    error::ErrorCode,
    exec::TerminalSize,
    runner::{
        AppFirewall, AppReach, Hello, HostPolicy, LogBatch, LogEntry, OpenExec, PROTOCOL_VERSION,
        RegistryCredential, ReleaseReport, Route, RunnerFrame, RunnerInfo, RunnerSpec,
        RunnerVariable, ServerFrame, StatsSample, TagReport, WatchedTag, Workload, WorkloadNetwork,
        WorkloadObservation, WorkloadRelease,
    },
    time::Timestamp,
    value::{
        Argument, Base64, ContainerPath, EnvironmentName, EnvironmentValue, Hostname, ImageDigest,
        ImageReference, PathPrefix, RegistryHost, RegistryPattern, RegistryUserName, ResourceName,
        SecretText,
    },
};
use serde::{Serialize, de::DeserializeOwned};
use uuid::Uuid;

const AT: Timestamp = Timestamp::from_micros(1_767_225_600_000_001);
fn digest() -> ImageDigest {
    let mut hash = [0; 32];
    hash[31] = 1;
    ImageDigest::sha256(hash)
}

fn id<T: From<Uuid>>(number: u128) -> T {
    Uuid::from_u128(0x0193_5000_0000_7000_8000_0000_0000_0000 + number).into()
}

fn workload() -> Workload {
    Workload {
        deployment_id: id::<DeploymentId>(2),
        generation: 3,
        desired: DesiredState::Running,
        release: Some(WorkloadRelease {
            release_id: id::<ReleaseId>(3),
            live: true,
            spec: RunnerSpec {
                ports: vec![Port::http(80)],
                environment: vec![RunnerVariable::new(
                    EnvironmentName::trusted("GREETING"),
                    EnvironmentValue::trusted("hello"),
                )],
                volumes: vec![VolumeMount {
                    volume_id: id::<VolumeId>(31),
                    path: ContainerPath::trusted("/var/lib/app"),
                }],
                max_instances: Some(1),
                ..RunnerSpec::of_image(ImageReference::trusted("nginx:1.27"))
            },
            instances: Some(1),
            image_digest: Some(digest()),
            expected_volumes: vec![id::<VolumeId>(31)],
            registry_credential: Some(RegistryCredential {
                host: RegistryHost::default_registry(),
                user_name: RegistryUserName::trusted("ada"),
                password: SecretText::new("only pulls"),
            }),
            routes: vec![Route {
                host: Hostname::new("app.example.org").unwrap(),
                path: PathPrefix::trusted("/shop"),
                port: 80,
            }],
        }),
        watched_tag: Some(WatchedTag {
            image: ImageReference::trusted("nginx:1.27"),
            registry_credential: None,
            poll_serial: 5,
        }),
        run: None,
        network: Some(WorkloadNetwork {
            environment_id: id::<EnvironmentId>(32),
            host_name: ResourceName::trusted("app"),
        }),
    }
}

fn observation() -> WorkloadObservation {
    let states = [
        InstanceState::Pending,
        InstanceState::Pulling,
        InstanceState::Starting,
        InstanceState::Running,
        InstanceState::Unhealthy,
        InstanceState::Stopping,
        InstanceState::Restarting,
        InstanceState::Exited {
            code: 137,
            oom_killed: true,
        },
        InstanceState::CrashLoop {
            code: 1,
            oom_killed: false,
            restarts: 5,
        },
    ];
    WorkloadObservation {
        deployment_id: id::<DeploymentId>(2),
        generation: 3,
        instances: (10..)
            .zip(states)
            .map(|(number, state)| Instance {
                instance_id: id::<InstanceId>(number),
                release_id: id::<ReleaseId>(3),
                state,
                ports: (state == InstanceState::Running)
                    .then(|| PublishedPort {
                        port: Port::http(80),
                        address: "127.0.0.1:32768".parse().unwrap(),
                    })
                    .into_iter()
                    .collect(),
                started_at: (state == InstanceState::Running).then_some(AT),
                error: (state == InstanceState::Restarting).then(last_error),
            })
            .collect(),
        error: Some(last_error()),
    }
}

fn last_error() -> LastError {
    LastError {
        failure: Failure {
            fault: Fault::User,
            code: FailureCode::LivenessProbeFailed,
            message: "The app failed its liveness probe.".to_owned(),
        },
        since: AT,
        next_try_at: Some(AT.plus_millis(1_000)),
    }
}

fn hello() -> Hello {
    Hello {
        protocol: PROTOCOL_VERSION,
        about: RunnerInfo {
            kind: "docker".to_owned(),
            version: "0.1.0".to_owned(),
            platform_version: "20.10.24".to_owned(),
            platform_api: None,
            tested_platforms: Vec::new(),
            os: "linux".to_owned(),
            arch: "x86_64".to_owned(),
            host_name: "build-box".to_owned(),
            cpus: 2,
            memory_bytes: 25_000_000_000,
            disk_bytes: Some(80_000_000_000),
            volumes: true,
            tags: true,
            private_networks: true,
            runs: true,
            app_firewall: Some(AppFirewall::Closed),
            publish_address: None,
            policy: Some(policy()),
        },
    }
}

fn report(phase: ReleasePhase) -> ReleaseReport {
    ReleaseReport {
        deployment_id: id::<DeploymentId>(2),
        release_id: id::<ReleaseId>(3),
        phase,
        progress: None,
        failure: None,
        image_digest: None,
        image: None,
        image_source: None,
    }
}

/// Returns the frames as JSON, after a round trip through their types.
fn wire<F>(frames: impl IntoIterator<Item = F>) -> Vec<serde_json::Value>
where
    F: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug,
{
    let frames = frames.into_iter().map(|frame| {
        let text = serde_json::to_string(&frame).unwrap();
        assert_eq!(serde_json::from_str::<F>(&text).unwrap(), frame);
        serde_json::from_str(&text).unwrap()
    });
    frames.collect()
}

#[test]
fn frames_of_a_server() {
    let frames = wire([
        ServerFrame::Welcome {
            protocol: PROTOCOL_VERSION,
            runner_id: id::<RunnerId>(1),
            epoch: 7,
        },
        ServerFrame::Refused {
            code: ErrorCode::ProtocolVersionUnsupported,
            message: "Update the runner.".to_owned(),
        },
        ServerFrame::DesiredState {
            epoch: 7,
            workloads: vec![workload()],
            more: false,
        },
        ServerFrame::DesiredState {
            epoch: 7,
            workloads: Vec::new(),
            more: true,
        },
        ServerFrame::WorkloadChanged {
            epoch: 7,
            workload: Box::new(Workload {
                generation: 4,
                desired: DesiredState::Deleted,
                release: None,
                watched_tag: None,
                network: None,
                ..workload()
            }),
        },
        ServerFrame::RemoveVolumes {
            epoch: 7,
            volume_ids: vec![id::<VolumeId>(30)],
        },
        ServerFrame::RetainImages {
            epoch: 7,
            digests: vec![digest()],
        },
        ServerFrame::LogsAcknowledged { batch: 9 },
        ServerFrame::ExecOpen(Box::new(OpenExec {
            exec_id: id::<ExecId>(20),
            deployment_id: id::<DeploymentId>(2),
            instance_id: id::<InstanceId>(13),
            command: ["/bin/sh", "-l"].map(Argument::trusted).to_vec(),
            terminal: Some(TerminalSize {
                columns: 120,
                rows: 40,
            }),
        })),
        ServerFrame::ExecOpen(Box::new(OpenExec {
            exec_id: id::<ExecId>(21),
            deployment_id: id::<DeploymentId>(2),
            instance_id: id::<InstanceId>(13),
            command: vec![Argument::trusted("/bin/true")],
            terminal: None,
        })),
        ServerFrame::ExecInput {
            exec_id: id::<ExecId>(20),
            bytes: Base64(b"exit\r".to_vec()),
        },
        ServerFrame::ExecResize {
            exec_id: id::<ExecId>(20),
            size: TerminalSize::default(),
        },
        ServerFrame::ExecCredit {
            exec_id: id::<ExecId>(20),
            bytes: 4,
        },
        ServerFrame::ExecClose {
            exec_id: id::<ExecId>(20),
        },
    ]);
    insta::assert_json_snapshot!(frames);
}

fn tag_report() -> TagReport {
    TagReport {
        deployment_id: id::<DeploymentId>(2),
        image: ImageReference::trusted("nginx:1.27"),
        poll_serial: 5,
        digest: None,
        failure: Some(Failure {
            fault: Fault::Platform,
            code: FailureCode::RegistrySilent,
            message: "The registry docker.io did not respond in time.".to_owned(),
        }),
    }
}

fn found_tag() -> TagReport {
    TagReport {
        digest: Some(digest()),
        failure: None,
        ..tag_report()
    }
}

fn policy() -> HostPolicy {
    HostPolicy {
        registries: Some(vec![RegistryPattern::trusted("ghcr.io/team")]),
        max_memory_mib: Some(2_048),
        default_memory_mib: Some(512),
        app_reach: AppReach {
            host_ports: vec![443],
            ..AppReach::default()
        },
        ..HostPolicy::default()
    }
}

fn lines() -> LogBatch {
    LogBatch {
        batch: 9,
        deployment_id: id::<DeploymentId>(2),
        lines: vec![LogEntry {
            instance_id: id::<InstanceId>(13),
            at: AT,
            ordinal: 0,
            stream: LogStream::Stderr,
            text: "ready\u{fffd}".to_owned(),
            is_cut: false,
        }],
    }
}

fn sample() -> StatsSample {
    StatsSample {
        deployment_id: id::<DeploymentId>(2),
        release_id: id::<ReleaseId>(3),
        instance_id: id::<InstanceId>(13),
        at: AT,
        usage: Usage {
            cpu_millis: 250,
            memory_bytes: 67_108_864,
            network_received_bytes_per_second: 1_000,
            network_sent_bytes_per_second: 2_000,
            disk_read_bytes_per_second: 3_000,
            disk_written_bytes_per_second: 4_000,
        },
    }
}

#[test]
fn frames_of_a_runner() {
    let frames = wire([
        RunnerFrame::Hello(Box::new(hello())),
        RunnerFrame::Observed {
            workloads: vec![observation()],
        },
        RunnerFrame::ObservationChanged {
            workload: WorkloadObservation {
                instances: Vec::new(),
                error: None,
                ..observation()
            },
        },
        RunnerFrame::Release(ReleaseReport {
            progress: Some(Progress {
                message: "Pulling the image nginx:1.27".to_owned(),
                done_bytes: Some(1),
                total_bytes: Some(2),
            }),
            ..report(ReleasePhase::Pulling)
        }),
        RunnerFrame::Release(ReleaseReport {
            image_digest: Some(digest()),
            image: Some(Box::new(ImageDescription {
                stop_signal: Some("SIGQUIT".to_owned()),
                ..ImageDescription::default()
            })),
            image_source: Some(ImageSource::Host {
                because: CopyReason::NoAnswer,
                built_at: Some(AT),
            }),
            ..report(ReleasePhase::Live)
        }),
        RunnerFrame::Release(ReleaseReport {
            failure: Some(Failure {
                fault: Fault::User,
                code: FailureCode::AppExited,
                message: "The app exited with code 1.".to_owned(),
            }),
            ..report(ReleasePhase::Failed)
        }),
        RunnerFrame::Removed {
            deployment_id: id::<DeploymentId>(2),
            generation: 4,
        },
        RunnerFrame::VolumeRemoved {
            volume_id: id::<VolumeId>(30),
        },
        RunnerFrame::VolumeRemovalFailed {
            volume_id: id::<VolumeId>(30),
            failure: Failure {
                fault: Fault::Platform,
                code: FailureCode::VolumeBusy,
                message: "Another instance is still using the volume.".to_owned(),
            },
        },
        RunnerFrame::VolumeLost {
            volume_id: id::<VolumeId>(31),
        },
        RunnerFrame::Logs(lines()),
        RunnerFrame::Stats {
            samples: vec![sample()],
        },
        RunnerFrame::TagResolved(found_tag()),
        RunnerFrame::TagResolved(tag_report()),
        RunnerFrame::ExecOutput {
            exec_id: id::<ExecId>(20),
            bytes: Base64(vec![0, 0xff, b'#', b' ']),
        },
        RunnerFrame::ExecCredit {
            exec_id: id::<ExecId>(20),
            bytes: 5,
        },
        RunnerFrame::ExecExited {
            exec_id: id::<ExecId>(20),
            code: 130,
            oom_killed: false,
        },
        RunnerFrame::ExecExited {
            exec_id: id::<ExecId>(21),
            code: 137,
            oom_killed: true,
        },
        RunnerFrame::ExecRefused {
            exec_id: id::<ExecId>(21),
            failure: Failure {
                fault: Fault::User,
                code: FailureCode::InstanceNotRunning,
                message: "The instance is no longer running.".to_owned(),
            },
        },
        RunnerFrame::Heartbeat,
    ]);
    insta::assert_json_snapshot!(frames);
}

#[test]
fn a_type_that_is_not_known_is_unknown_whatever_else_it_carries() {
    let text = r#"{"type": "exec_started", "session": {"id": 1}, "argv": ["sh"]}"#;
    assert_eq!(
        serde_json::from_str::<ServerFrame>(text).unwrap(),
        ServerFrame::Unknown
    );
    assert_eq!(
        serde_json::from_str::<RunnerFrame>(text).unwrap(),
        RunnerFrame::Unknown
    );
}

#[test]
fn fields_that_are_not_known_are_ignored() {
    let text = r#"{"type": "logs_acknowledged", "batch": 9, "bytes": 12}"#;
    let frame = serde_json::from_str::<ServerFrame>(text).unwrap();
    assert_eq!(frame, ServerFrame::LogsAcknowledged { batch: 9 });
}
