//! Kills for lack of memory, told apart from other kills.

use futures::TryStreamExt;
use models::{deployment::Resources, runner::RunnerSpec, value::Argument};
use runner_common::{
    Exec, InstanceKey, InstancePlatform, InstanceSpec, PlatformState, ProgramEnd, PullProgress,
    conformance::Subject,
};
use uuid::Uuid;

use crate::platform::Engine;

const SLEEP: &str = "exec /bin/busybox sleep 1000000";
/// Script that allocates more and more memory.
const GROW: &str = "x=0123456789abcdef; while :; do x=$x$x; done";

fn shell(script: &str) -> Vec<Argument> {
    ["/bin/busybox", "sh", "-c", script]
        .map(Argument::trusted)
        .to_vec()
}

async fn started(runner: &impl InstancePlatform, engine: &Engine, script: &str) -> InstanceKey {
    let spec = RunnerSpec {
        entrypoint: shell(script),
        resources: Resources {
            memory_mib: Some(32),
            ..Resources::default()
        },
        ..RunnerSpec::of_image(engine.image())
    };
    let (progress, _) = PullProgress::new();
    let pulled = runner.pull(&spec.image, None, None, &progress).await;
    let image_digest = pulled.unwrap().digest;
    let key = InstanceKey {
        runner_id: Uuid::now_v7().into(),
        deployment_id: Uuid::now_v7().into(),
        release_id: Uuid::now_v7().into(),
        instance_id: Uuid::now_v7().into(),
        attempt: None,
    };
    let instance = InstanceSpec {
        key,
        spec,
        image_digest,
        expected_volumes: Vec::new(),
        network: None,
    };
    runner.create(&instance).await.unwrap();
    runner.start(&key).await.unwrap();
    key
}

async fn end(runner: &impl InstancePlatform, key: &InstanceKey) -> PlatformState {
    loop {
        let seen = runner.instances(key.runner_id).await.unwrap();
        if !seen[0].state.is_up() {
            return seen[0].state;
        }
        tokio::task::yield_now().await;
    }
}

async fn run(runner: &impl InstancePlatform, key: &InstanceKey, script: &str) -> ProgramEnd {
    let exec = Exec {
        command: shell(script),
        terminal: None,
    };
    let session = runner.exec(key, exec).await.unwrap();
    session.output.try_collect::<Vec<_>>().await.unwrap();
    session.control.end().await.unwrap()
}

#[tokio::test]
async fn an_out_of_memory_app_differs_from_a_killed_one() {
    let Some(engine) = Engine::if_wanted().await else {
        return eprintln!("skipped: there is no platform");
    };
    let runner = engine.runner().await;
    for (script, oom_killed) in [(GROW, true), (SLEEP, false)] {
        let key = started(&runner, &engine, script).await;
        if script == SLEEP {
            engine.kill(&key).await;
        }
        let end = end(&runner, &key).await;
        let code = 137;
        assert_eq!(end, PlatformState::Exited { code, oom_killed }, "{script}");
        runner.remove(&key).await.unwrap();
    }
}

#[tokio::test]
async fn an_out_of_memory_command_differs_from_a_killed_one() {
    let Some(engine) = Engine::if_wanted().await else {
        return eprintln!("skipped: there is no platform");
    };
    let runner = engine.runner().await;
    let key = started(&runner, &engine, SLEEP).await;
    for (script, oom_killed) in [("kill -9 $$", false), (GROW, true), ("kill -9 $$", false)] {
        let end = run(&runner, &key, script).await;
        let code = 137;
        assert_eq!(end, ProgramEnd { code, oom_killed }, "{script}");
    }
    runner.remove(&key).await.unwrap();
}
