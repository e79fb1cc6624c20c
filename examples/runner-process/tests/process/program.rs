//! The program as a whole, with a server.

use std::{fs, process::ExitStatus};

use models::{
    DeploymentId,
    deployment::{DesiredState, Instance, InstanceState, Port},
    runner::{RunnerSpec, RunnerVariable, Workload},
    value::{EnvironmentName, EnvironmentValue},
};
use runner_common::conformance::{
    App, PORT, Server, Subject,
    harness::{answers, release, release_id},
};
use rustix::process::{Pid, Signal, kill_process};
use tokio::process::{Child, Command};
use uuid::Uuid;

use crate::host::TestHost;

#[expect(clippy::disallowed_methods, reason = "the program is what is tested")]
fn start(host: &TestHost, environment: &[(&str, String)]) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_berth-runner-process"));
    command.env("BERTH_RUNNER_PROGRAMS", host.path("programs"));
    command.env("BERTH_RUNNER_FOLDER", host.path("runner"));
    command.envs(environment.iter().map(|(name, value)| (name, value)));
    command.kill_on_drop(true).spawn().unwrap()
}

async fn stop(mut program: Child) -> ExitStatus {
    let pid = Pid::from_raw(program.id().unwrap().try_into().unwrap());
    kill_process(pid.unwrap(), Signal::TERM).unwrap();
    program.wait().await.unwrap()
}

fn web(host: &TestHost) -> Workload {
    let mut spec = RunnerSpec::of_image(host.image());
    spec.ports = vec![Port::http(PORT)];
    spec.environment = vec![RunnerVariable::new(
        EnvironmentName::trusted(App::VARIABLE),
        EnvironmentValue::trusted(App::Web.name()),
    )];
    Workload {
        deployment_id: DeploymentId::from_uuid(Uuid::now_v7()),
        generation: 1,
        desired: DesiredState::Running,
        release: Some(release(spec)),
        watched_tag: None,
        network: None,
        run: None,
    }
}

#[tokio::test]
async fn instances_outlive_the_runner_program_and_are_found_again() {
    let host = TestHost::new();
    let mut server = Server::start().await;
    let token = ("BERTH_RUNNER_TOKEN", server.token().to_owned());
    let url = ("BERTH_RUNNER_SERVER_URL", server.url());
    let first = start(&host, &[token, url.clone()]);
    let (mut link, seen) = server.link().await;
    assert_eq!(seen, []);
    let app = web(&host);
    link.set_desired(std::slice::from_ref(&app)).await;
    link.live(release_id(&app)).await;
    let runs = |seen: &[Instance]| matches!(seen, [one] if one.state == InstanceState::Running);
    let before = link.observed("it", app.deployment_id, runs).await;
    assert!(stop(first).await.success());
    assert!(answers(&before[0]).await);

    fs::write(host.path("token"), format!("{}\n", server.token())).unwrap();
    let file = host.path("token").display().to_string();
    let second = start(&host, &[("BERTH_RUNNER_TOKEN_FILE", file), url]);
    let (mut link, seen) = server.link().await;
    assert_eq!(seen[0].instances, before);
    link.set_desired(&[]).await;
    let gone = |seen: &[Instance]| seen.is_empty();
    link.observed("its end", app.deployment_id, gone).await;
    assert!(!answers(&before[0]).await);
    assert!(stop(second).await.success());
}

#[tokio::test]
async fn without_a_token_the_program_does_not_start() {
    let host = TestHost::new();
    let mut program = start(&host, &[]);
    assert!(!program.wait().await.unwrap().success());
}
