//! An example of each kind of call, as it is on the wire, and the things that they are about.

mod account;
mod deployment;
mod enrolment;
mod log;
mod runner;
mod stats;
mod streams;
mod volume;

use models::{
    DeploymentId, InstanceId, ReleaseId, RunnerId, UserId, WorkspaceId,
    deployment::{
        ConfigFile, Deployment, DesiredState, Failure, Fault, Freshness, Instance, InstanceState,
        LogLine, LogStream, Observed, PhaseChange, Port, Probe, ProbeKind, Progress, Protocol,
        PublishedPort, Release, ReleasePhase, ReleaseReason, Resources, RestartPolicy, Scale,
        ScalingChange, Spec, StopRule, StopSignal, Summary,
    },
    time::Timestamp,
    value::{
        Argument, ContainerPath, DisplayName, EnvironmentName, EnvironmentValue,
        EnvironmentVariable, FileContent, ImageReference, ResourceName, UrlPath,
    },
};
use uuid::Uuid;

/// An id that looks like one, different for each number.
fn id<T: From<Uuid>>(number: u128) -> T {
    Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0000 + number).into()
}

fn workspace_id() -> WorkspaceId {
    id(1)
}

fn runner_id() -> RunnerId {
    id(2)
}

fn deployment_id() -> DeploymentId {
    id(3)
}

fn instance_id() -> InstanceId {
    id(4)
}

fn release_id() -> ReleaseId {
    id(5)
}

fn user_id() -> UserId {
    id(6)
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_micros(1_700_000_000_000_001).plus_millis(seconds * 1_000)
}

fn name(text: &str) -> ResourceName {
    ResourceName::new(text).unwrap()
}

fn spec() -> Spec {
    Spec {
        command: vec![Argument::new("/hello").unwrap()],
        working_directory: Some(ContainerPath::new("/srv").unwrap()),
        ports: vec![
            Port::http(8080),
            Port {
                number: 53,
                protocol: Protocol::Udp,
            },
        ],
        environment: vec![EnvironmentVariable::plain(
            EnvironmentName::new("GREETING").unwrap(),
            EnvironmentValue::new("Hello, \"you\"\n").unwrap(),
        )],
        config_files: vec![ConfigFile {
            path: ContainerPath::new("/etc/hello.toml").unwrap(),
            content: FileContent::new("a = 1\n").unwrap(),
        }],
        resources: Resources {
            cpu_millis: Some(500),
            memory_mib: Some(256),
        },
        instances: 2,
        max_instances: Some(5),
        cpu_target_percent: 70,
        startup_probe: Probe {
            kind: ProbeKind::Http,
            port: Some(8080),
            path: Some(UrlPath::new("/healthz").unwrap()),
            ..Probe::default()
        },
        liveness_probe: Probe {
            kind: ProbeKind::Command,
            command: vec![Argument::new("true").unwrap()],
            ..Probe::default()
        },
        stop: StopRule {
            signal: StopSignal::SigInt,
            grace_ms: 2_000,
        },
        restart: RestartPolicy::OnFailure,
        ..Spec::of_image(ImageReference::new("localhost:5000/hello:1").unwrap())
    }
}

fn instance() -> Instance {
    Instance {
        instance_id: instance_id(),
        release_id: release_id(),
        state: InstanceState::CrashLoop {
            code: 137,
            restarts: 4,
        },
        ports: vec![PublishedPort {
            port: Port::http(8080),
            address: "127.0.0.1:32768".to_owned(),
        }],
        started_at: Some(at(3)),
    }
}

fn observed() -> Observed {
    Observed {
        summary: Summary::CrashLoop,
        instances: vec![instance()],
        freshness: Freshness::Live,
        at: Some(at(4)),
    }
}

fn release() -> Release {
    Release {
        release_id: release_id(),
        number: 1,
        phase: ReleasePhase::Failed,
        timeline: vec![
            PhaseChange {
                phase: ReleasePhase::Queued,
                at: at(1),
            },
            PhaseChange {
                phase: ReleasePhase::Failed,
                at: at(4),
            },
        ],
        deadline_at: Some(at(60)),
        progress: Some(Progress {
            message: "Pulling the image".to_owned(),
            done_bytes: Some(1),
            total_bytes: Some(2),
        }),
        failure: Some(Failure {
            fault: Fault::User,
            code: "crashed".to_owned(),
            message: "The app ended.".to_owned(),
        }),
        spec: spec(),
        image_digest: Some(format!("sha256:{}", "0a".repeat(32))),
        reason: ReleaseReason::Created,
        repeats: Some(3),
        created_by: DisplayName::new("Ada Lovelace").unwrap(),
        created_at: at(1),
    }
}

/// Everything there may be.
fn deployment() -> Deployment {
    Deployment {
        deployment_id: deployment_id(),
        workspace_id: workspace_id(),
        name: name("hello"),
        runner_id: runner_id(),
        runner_name: name("this-machine"),
        spec: spec(),
        desired: DesiredState::Running,
        generation: 7,
        scale: Some(Scale {
            instances: 3,
            min_instances: 2,
            max_instances: 5,
            last_change: Some(ScalingChange {
                at: at(3),
                from: 2,
                to: 3,
                cpu_percent: 93,
                cpu_target_percent: 80,
                measured_ms: 60_000,
            }),
        }),
        release: Some(release()),
        observed: observed(),
        created_at: at(0),
        updated_at: at(1),
    }
}

/// As little as there can be.
fn new_deployment() -> Deployment {
    Deployment {
        spec: Spec::of_image(spec().image),
        scale: None,
        release: None,
        observed: Observed {
            summary: Summary::Unknown,
            instances: Vec::new(),
            freshness: Freshness::Stale,
            at: None,
        },
        ..deployment()
    }
}

fn line() -> LogLine {
    LogLine {
        position: 42,
        instance_id: instance_id(),
        at: at(3),
        stream: LogStream::Stderr,
        text: "\u{1b}[31mit burns\u{1b}[0m".to_owned(),
    }
}

#[test]
fn set_up() {
    let request = CompleteSetupRequest {
        token: SecretText::new("one-time"),
        name: DisplayName::new("Ada Lovelace").unwrap(),
        email: Email::new("ada@example.org").unwrap(),
        password: Password::new("correct horse battery staple"),
        workspace_name: name("main"),
    };
    let response = CompleteSetupResponse {
        user: user(),
        workspace: workspace(),
    };
    let call = exchange::<CompleteSetup>(Empty {}, Empty {}, request, response);
    assert_snapshot!(call);
}

#[test]
fn session() {
    let request = SignInRequest {
        email: Email::new("ada@example.org").unwrap(),
        password: SecretText::new("correct horse battery staple"),
    };
    let sign_in = exchange::<SignIn>(Empty {}, Empty {}, request, SignInResponse { user: user() });
    let sign_out = exchange::<SignOut>(Empty {}, Empty {}, Empty {}, Empty {});
    let calls = [sign_in, sign_out].join("\n");
    assert_snapshot!(calls);
}

#[test]
fn workspaces() {
    let request = CreateWorkspaceRequest { name: name("main") };
    let response = CreateWorkspaceResponse {
        workspace: workspace(),
    };
    let create = exchange::<CreateWorkspace>(Empty {}, Empty {}, request, response);
    let page = Page {
        items: vec![workspace()],
        next_cursor: None,
        total: 1,
    };
    let list = exchange::<ListWorkspaces>(Empty {}, PageQuery::default(), Empty {}, page);
    let calls = [create, list].join("\n");
    assert_snapshot!(calls);
}

#[test]
fn runners() {
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
            os: "linux".to_owned(),
            arch: "x86_64".to_owned(),
            host_name: "shed".to_owned(),
            cpus: 2,
            memory_bytes: 4_294_967_296,
            disk_bytes: Some(85_899_345_920),
            volumes: true,
            policy: Some(HostPolicy {
                registries: Some(vec![RegistryPattern::trusted("ghcr.io/team")]),
                max_instances: Some(5),
                max_cpu_millis: Some(4_000),
                max_memory_mib: Some(2_048),
                protocols: Some(vec![Protocol::Http]),
                exec: false,
            }),
        }),
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

#[test]
fn create_deployment() {
    let path = CreateDeploymentPath {
        workspace_id: workspace_id(),
    };
    let request = CreateDeploymentRequest {
        name: name("hello"),
        runner_id: runner_id(),
        spec: Spec {
            resources: Resources::default(),
            ..spec()
        },
        machine_type: Some(name("small")),
        deploy: Some(false),
    };
    let response = CreateDeploymentResponse {
        deployment: deployment(),
    };
    let call = exchange::<CreateDeployment>(path, Empty {}, request, response);
    assert_snapshot!(call);
}

#[test]
fn update_deployment() {
    let path = UpdateDeploymentPath {
        workspace_id: workspace_id(),
        deployment_id: deployment_id(),
    };
    let request = UpdateDeploymentRequest {
        spec: spec(),
        machine_type: None,
        deploy: None,
        if_unchanged_since: None,
    };
    let response = UpdateDeploymentResponse {
        deployment: new_deployment(),
    };
    let call = exchange::<UpdateDeployment>(path, Empty {}, request, response);
    assert_snapshot!(call);
}

#[test]
fn list_deployments() {
    let path = ListDeploymentsPath {
        workspace_id: workspace_id(),
    };
    let query = PageQuery {
        limit: Some(1),
        cursor: Some(Cursor("a/b c&d".to_owned())),
    };
    let page = Page {
        items: vec![DeploymentSummary {
            deployment_id: deployment_id(),
            name: name("hello"),
            image: spec().image,
            runner_name: name("this-machine"),
            desired: DesiredState::Stopped,
            phase: Some(ReleasePhase::Live),
            observed: observed(),
            updated_at: at(1),
        }],
        next_cursor: Some(Cursor("hello".to_owned())),
        total: 2,
    };
    let call = exchange::<ListDeployments>(path, query, Empty {}, page);
    assert_snapshot!(call);
}

#[test]
fn logs() {
    let path = ListLogLinesPath {
        workspace_id: workspace_id(),
        deployment_id: deployment_id(),
    };
    let query = ListLogLinesQuery {
        before: None,
        after: Some(41),
        from: Some(at(0)),
        to: None,
        instance_id: None,
        stream: Some(LogStream::Stdout),
        search: Some("hello world".to_owned()),
        limit: Some(1),
    };
    let response = ListLogLinesResponse {
        lines: vec![line()],
        older: Some(42),
        newer: None,
        is_complete: true,
    };
    let call = exchange::<ListLogLines>(path, query, Empty {}, response);
    assert_snapshot!(call);
}

#[test]
fn streams() {
    let workspace = messages(&[
        StreamWorkspaceServerMessage::Resync,
        StreamWorkspaceServerMessage::DeploymentChanged {
            deployment_id: deployment_id(),
        },
        StreamWorkspaceServerMessage::RunnerChanged {
            runner_id: runner_id(),
        },
    ]);
    let deployment = messages(&[
        StreamDeploymentServerMessage::State {
            deployment: Box::new(new_deployment()),
        },
        StreamDeploymentServerMessage::Gone,
    ]);
    let log = messages(&[
        StreamLogLinesServerMessage::Lines {
            lines: vec![line()],
        },
        StreamLogLinesServerMessage::Gone,
    ]);
    let stats = messages(&[
        StreamStatsServerMessage::Sampled,
        StreamStatsServerMessage::Gone,
    ]);
    let typed = messages(&[
        OpenTerminalClientMessage::Input {
            bytes: Base64(b"ls\r".to_vec()),
        },
        OpenTerminalClientMessage::Resize {
            columns: 120,
            rows: 40,
        },
        OpenTerminalClientMessage::Taken { bytes: 3 },
    ]);
    let shown = messages(&[
        OpenTerminalServerMessage::Output {
            bytes: Base64(b"\x1b[1mls".to_vec()),
        },
        OpenTerminalServerMessage::Taken { bytes: 3 },
        OpenTerminalServerMessage::Exited { code: 0 },
        OpenTerminalServerMessage::Refused {
            code: ErrorCode::TerminalIdle,
            message: ErrorCode::TerminalIdle.message().to_owned(),
        },
    ]);
    let streams = [workspace, deployment, log, stats, typed, shown].join("\n");
    assert_snapshot!(streams);
}
