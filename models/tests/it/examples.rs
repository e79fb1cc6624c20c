//! Examples of each kind of call on the wire, and the resources that they use.

mod account;
mod deployment;
mod environment;
mod log;
mod registration;
mod runner;
mod stats;
mod streams;
mod volume;

use models::{
    DeploymentId, InstanceId, ReleaseId, RunnerId, UserId, WorkspaceId,
    actor::{ActorKind, Author},
    deployment::{
        ConfigFile, CopyReason, Deployment, DesiredState, Failure, FailureCode, Fault, Freshness,
        ImageDescription, ImageHealthCheck, ImagePlatform, ImageSource, Instance, InstanceState,
        LastError, LogLine, LogStream, Observed, PhaseChange, Port, Probe, ProbeKind, Progress,
        Protocol, PublishedPort, Release, ReleasePhase, ReleaseReason, Resources, RestartPolicy,
        Scale, ScalingChange, Spec, StopPolicy, StopSignal, Summary, TagStatus,
    },
    environment::EnvironmentSummary,
    time::Timestamp,
    value::{
        Argument, ContainerPath, ContainerUser, DisplayName, EnvironmentName, EnvironmentValue,
        EnvironmentVariable, FileContent, FileMode, ImageReference, ResourceName, UrlPath,
    },
};
use uuid::Uuid;

/// Returns a realistic id, different for each number.
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

fn environment() -> EnvironmentSummary {
    EnvironmentSummary {
        environment_id: id(9),
        name: name("production"),
        project_id: id(10),
        project_name: name("main"),
    }
}

fn spec() -> Spec {
    Spec {
        entrypoint: vec![Argument::new("/hello").unwrap()],
        arguments: vec![Argument::new("--verbose").unwrap()],
        user: Some(ContainerUser::new("1000:1000").unwrap()),
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
            mode: Some(FileMode::new("0640").unwrap()),
            owner: Some(ContainerUser::new("1000").unwrap()),
            ..ConfigFile::new(
                ContainerPath::new("/etc/hello.toml").unwrap(),
                FileContent::new("a = 1\n").unwrap(),
            )
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
        stop: StopPolicy {
            signal: Some(StopSignal::SigInt),
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
            oom_killed: true,
            restarts: 4,
        },
        ports: vec![PublishedPort {
            port: Port::http(8080),
            address: "127.0.0.1:32768".parse().unwrap(),
        }],
        started_at: Some(at(3)),
        error: Some(last_error()),
    }
}

fn last_error() -> LastError {
    LastError {
        failure: Failure {
            fault: Fault::User,
            code: FailureCode::OutOfMemory,
            message: "The app was killed for exceeding its memory limit of 64 MiB and is being \
                      restarted. Raise the limit, or reduce the app's memory use."
                .to_owned(),
        },
        since: at(3),
        next_try_at: Some(at(5)),
    }
}

fn observed() -> Observed {
    Observed {
        summary: Summary::CrashLoop,
        instances: vec![instance()],
        error: Some(last_error()),
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
            code: "crashed".into(),
            message: "The app exited.".to_owned(),
        }),
        spec: spec(),
        image_digest: format!("sha256:{}", "0a".repeat(32)).parse().ok(),
        image_source: Some(ImageSource::Host {
            because: CopyReason::NotFound,
            built_at: Some(at(0)),
        }),
        reason: ReleaseReason::Created,
        repeats: Some(3),
        created_by: Author {
            kind: ActorKind::Person,
            name: DisplayName::new("Ada Lovelace").unwrap(),
        },
        created_at: at(1),
    }
}

/// Returns an image configuration with all fields set.
fn image() -> ImageDescription {
    ImageDescription {
        entrypoint: vec!["/entry.sh".to_owned()],
        command: vec!["/hello".to_owned()],
        user: Some("app".to_owned()),
        working_directory: Some("/srv".to_owned()),
        stop_signal: Some("SIGQUIT".to_owned()),
        health_check: Some(ImageHealthCheck {
            test: vec!["CMD".to_owned(), "/healthy".to_owned()],
            interval_ms: 30_000,
            timeout_ms: 5_000,
            start_period_ms: 0,
            retries: 3,
        }),
        volumes: vec!["/data".to_owned()],
        exposed_ports: vec!["8080/tcp".to_owned()],
        platform: ImagePlatform {
            os: "linux".to_owned(),
            architecture: "amd64".to_owned(),
            variant: None,
        },
    }
}

fn deployment() -> Deployment {
    Deployment {
        deployment_id: deployment_id(),
        workspace_id: workspace_id(),
        environment: environment(),
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
        image: Some(image()),
        observed: observed(),
        auto_deploy: true,
        tag: Some(TagStatus {
            checked_at: at(3),
            digest: format!("sha256:{}", "0a".repeat(32)).parse().ok(),
            is_held: false,
            failure: None,
        }),
        created_at: at(0),
        updated_at: at(1),
    }
}

/// Returns a deployment with as few fields set as possible.
fn new_deployment() -> Deployment {
    Deployment {
        spec: Spec::of_image(spec().image),
        scale: None,
        release: None,
        image: None,
        observed: Observed {
            summary: Summary::Unknown,
            instances: Vec::new(),
            error: None,
            freshness: Freshness::Stale,
            at: None,
        },
        auto_deploy: false,
        tag: None,
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
        is_cut: false,
    }
}
