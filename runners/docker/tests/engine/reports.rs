//! Cases from bug reports on other products, which must keep working here.

use std::time::Duration;

use bollard::query_parameters::RemoveContainerOptionsBuilder;
use futures::{StreamExt, TryStreamExt};
use models::{
    deployment::InstanceState,
    runner::RunnerSpec,
    value::{Argument, ImageReference},
};
use runner_common::{
    Exec, InstanceKey, InstancePlatform, InstanceSpec, LogStart, PullProgress,
    conformance::{App, Harness, PORT, Subject, harness::release_id},
};
use tokio::time::Instant;

use crate::{platform::Engine, policy::new_key, test_image};

/// Number of output lengths. The engine frames output with lengths, and 10 and 13 are line
/// breaks.
const LENGTHS: usize = 300;
/// Number of lines of an output that takes thousands of frames.
const MANY: usize = 800_000;

fn shell(script: &str) -> Vec<Argument> {
    ["/bin/busybox", "sh", "-c", script]
        .map(Argument::trusted)
        .into()
}

/// Starts a container with this script as its first program.
async fn start(runner: &impl InstancePlatform, script: &str) -> InstanceKey {
    let image = ImageReference::trusted(test_image::NAME);
    let (progress, _) = PullProgress::new();
    let pulled = runner.pull(&image, None, None, &progress).await.unwrap();
    let key = new_key();
    let instance = InstanceSpec {
        key,
        spec: RunnerSpec {
            entrypoint: shell(script),
            ..RunnerSpec::of_image(image)
        },
        image_digest: pulled.digest,
        expected_volumes: Vec::new(),
        network: None,
    };
    runner.create(&instance).await.unwrap();
    runner.start(&key).await.unwrap();
    key
}

#[tokio::test]
async fn lines_of_every_length_arrive_whole() {
    let Some(engine) = Engine::if_wanted().await else {
        return eprintln!("skipped: there is no platform");
    };
    let runner = engine.runner().await;
    let script =
        format!("l=; i=0; while [ $i -lt {LENGTHS} ]; do echo \"$l\"; l=x$l; i=$((i+1)); done");
    let key = start(&runner, &script).await;
    let lines: Vec<_> = runner
        .logs(&key, LogStart::BEGINNING)
        .take(LENGTHS)
        .try_collect()
        .await
        .unwrap();
    for (length, line) in lines.iter().enumerate() {
        assert_eq!(line.bytes, vec![b'x'; length]);
    }
    assert_eq!(lines.len(), LENGTHS);
    runner.remove(&key).await.unwrap();
}

#[tokio::test]
async fn all_that_a_command_prints_arrives_before_its_exit_code() {
    let Some(engine) = Engine::if_wanted().await else {
        return eprintln!("skipped: there is no platform");
    };
    let runner = engine.runner().await;
    let key = start(&runner, "exec /bin/busybox sleep 1000000").await;
    let exec = Exec {
        command: shell(&format!("/bin/busybox seq 1 {MANY}; exit 77")),
        terminal: None,
    };
    let session = runner.exec(&key, exec).await.unwrap();
    let printed = session.output.try_concat().await.unwrap();
    assert_eq!(session.control.end().await.unwrap().code, 77);
    let lines = printed.split(|byte| *byte == b'\n').count() - 1;
    assert_eq!(lines, MANY);
    assert!(printed.ends_with(b"\n800000\n"));
    runner.remove(&key).await.unwrap();
}

#[tokio::test]
async fn a_shell_as_the_first_program_stops_when_it_is_asked_to() {
    let Some(engine) = Engine::if_wanted().await else {
        return eprintln!("skipped: there is no platform");
    };
    let runner = engine.runner().await;
    let key = start(&runner, "while :; do /bin/busybox sleep 0.1; done").await;
    let began = Instant::now();
    runner.stop(&key).await.unwrap();
    let grace = Duration::from_millis(
        RunnerSpec::of_image(ImageReference::trusted("app"))
            .stop
            .grace_ms
            .into(),
    );
    assert!(began.elapsed() < grace, "it took the whole grace");
    runner.remove(&key).await.unwrap();
}

#[tokio::test]
async fn a_container_that_somebody_removed_is_made_again() {
    let Some(engine) = Engine::if_wanted().await else {
        return eprintln!("skipped: there is no platform");
    };
    let mut harness = Harness::start(&engine).await;
    let mut link = harness.first_link().await;
    let app = harness.workload(App::Web, Some(PORT));
    let (app, instance) = harness.deploy(&mut link, &app).await;
    let key = InstanceKey {
        runner_id: harness.server.runner_id,
        deployment_id: app.deployment_id,
        release_id: release_id(&app),
        instance_id: instance.instance_id,
        attempt: None,
    };
    let container = engine.container(&key).await;
    let force = RemoveContainerOptionsBuilder::default().force(true).build();
    engine
        .docker
        .remove_container(&container, Some(force))
        .await
        .unwrap();
    let is = |seen: &[models::deployment::Instance]| {
        matches!(seen, [only] if only.instance_id != instance.instance_id
            && only.state == InstanceState::Running)
    };
    link.observed("another one", app.deployment_id, is).await;
    harness.finish(link, &[&app]).await;
}
