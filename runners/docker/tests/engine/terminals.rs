//! Terminals, as only a real engine has them.

use std::time::Duration;

use bollard::models::ExecConfig;
use futures::StreamExt;
use models::{deployment::FailureCode, exec::TerminalSize, runner::Workload, value::Argument};
use runner_common::{
    Exec, ExecSession, InstanceKey, InstancePlatform, RunnerError,
    conformance::{App, Harness, Link, PATIENCE, SHELL, Subject},
};
use serde_json::json;
use tokio::{
    io::AsyncWriteExt,
    time::{sleep, timeout},
};

use crate::{
    platform::Engine,
    shape::{self, PLAIN, spec},
};

/// Opens a shell in an instance that was just deployed.
async fn shell(
    engine: &Engine,
    harness: &Harness<'_, Engine>,
    link: &mut Link,
) -> (Workload, String, ExecSession) {
    let (app, container, session) = start(engine, harness, link, SHELL, true).await;
    (app, container, session.unwrap())
}

/// Starts a program in an instance that was just deployed.
async fn start(
    engine: &Engine,
    harness: &Harness<'_, Engine>,
    link: &mut Link,
    program: &str,
    has_terminal: bool,
) -> (Workload, String, Result<ExecSession, RunnerError>) {
    let app = harness.workload(App::Mute, None);
    let (app, instance) = harness.deploy(link, &app).await;
    let key = InstanceKey {
        runner_id: harness.server.runner_id,
        deployment_id: app.deployment_id,
        release_id: instance.release_id,
        instance_id: instance.instance_id,
        attempt: None,
    };
    let exec = Exec {
        command: vec![Argument::trusted(program)],
        terminal: has_terminal.then(TerminalSize::default),
    };
    let session = harness.observer().await.exec(&key, exec).await;
    (app, engine.container(&key).await, session)
}

/// Reads until the output contains this.
async fn shows(session: &mut ExecSession, expected: &[u8]) {
    let mut shown = Vec::new();
    let reading = async {
        while !shown.windows(expected.len()).any(|part| part == expected) {
            shown.extend(session.output.next().await.unwrap().unwrap());
        }
    };
    timeout(PATIENCE, reading).await.expect("it is shown");
}

/// Returns the number of a container's processes.
async fn processes(engine: &Engine, container: &str) -> usize {
    let listed = engine.docker.top_processes(container, None).await.unwrap();
    listed.processes.unwrap_or_default().len()
}

#[tokio::test]
async fn a_dropped_terminal_leaves_no_process_behind() {
    let Some(engine) = Engine::if_wanted().await else {
        return eprintln!("skipped: there is no platform");
    };
    let mut harness = Harness::start(&engine).await;
    let mut link = harness.first_link().await;
    let mut apps = Vec::new();
    for typed in ["", "yes\n", "cat\n"] {
        let (app, container, mut session) = shell(&engine, &harness, &mut link).await;
        let alone = processes(&engine, &container).await - 1;
        session.input.write_all(b"stty size\n").await.unwrap();
        shows(&mut session, b"24 80").await;
        session.input.write_all(typed.as_bytes()).await.unwrap();
        if typed == "yes\n" {
            shows(&mut session, b"y\r\ny\r\n").await;
        }
        drop(session);
        let ending = async {
            while processes(&engine, &container).await > alone {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        let ended = timeout(PATIENCE, ending).await;
        assert!(ended.is_ok(), "{typed:?} goes on without anyone");
        apps.push(app);
    }
    harness.finish(link, &apps.iter().collect::<Vec<_>>()).await;
}

#[tokio::test]
async fn a_terminal_that_is_dropped_while_it_starts_leaves_no_process_behind() {
    let Some(engine) = Engine::if_wanted().await else {
        return eprintln!("skipped: there is no platform");
    };
    let mut harness = Harness::start(&engine).await;
    let mut link = harness.first_link().await;
    let app = harness.workload(App::Mute, None);
    let (app, instance) = harness.deploy(&mut link, &app).await;
    let key = InstanceKey {
        runner_id: harness.server.runner_id,
        deployment_id: app.deployment_id,
        release_id: instance.release_id,
        instance_id: instance.instance_id,
        attempt: None,
    };
    let container = engine.container(&key).await;
    let alone = processes(&engine, &container).await;
    let runner = harness.observer().await;
    // Drop it at various points of its start.
    for millis in [1, 2, 3, 5, 8, 12, 18, 26, 40, 60, 90, 130] {
        let exec = Exec {
            command: vec![Argument::trusted(SHELL)],
            terminal: Some(TerminalSize::default()),
        };
        let starting = runner.exec(&key, exec);
        drop(timeout(Duration::from_millis(millis), starting).await);
    }
    // Late starts must have begun, or the last check would come too early.
    tokio::time::sleep(Duration::from_secs(1)).await;
    let ending = async {
        while processes(&engine, &container).await > alone {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    let ended = timeout(PATIENCE, ending).await;
    assert!(ended.is_ok(), "one goes on without anyone");
    harness.finish(link, &[&app]).await;
}

#[tokio::test]
async fn terminal_output_contains_no_frames_of_the_engine() {
    let Some(engine) = Engine::if_wanted().await else {
        return eprintln!("skipped: there is no platform");
    };
    let mut harness = Harness::start(&engine).await;
    let mut link = harness.first_link().await;
    let (app, _, mut session) = shell(&engine, &harness, &mut link).await;
    // In the engine's own framing this would begin four gigabytes of standard output.
    let typed = b"printf '\\001\\000\\000\\000\\377\\377\\377\\377'; printf 'a%sc' b\n";
    session.input.write_all(typed).await.unwrap();
    shows(&mut session, b"\x01\0\0\0\xff\xff\xff\xffabc").await;
    drop(session);
    harness.finish(link, &[&app]).await;
}

#[tokio::test]
async fn a_missing_program_is_reported() {
    let Some(engine) = Engine::if_wanted().await else {
        return eprintln!("skipped: there is no platform");
    };
    let mut harness = Harness::start(&engine).await;
    let mut link = harness.first_link().await;
    let (first, _, session) = start(&engine, &harness, &mut link, "/bin/nothing", true).await;
    let refused = session.err().unwrap();
    assert_eq!(refused.code, FailureCode::CommandNotRunnable);
    assert!(
        refused.message.contains("no program /bin/nothing"),
        "{refused}"
    );

    let (second, _, session) = start(&engine, &harness, &mut link, "/bin/nothing", false).await;
    let mut session = session.unwrap();
    shows(&mut session, b"/bin/nothing").await;
    while session.output.next().await.is_some() {}
    let code = session.control.end().await.unwrap().code;
    assert!(matches!(code, 126 | 127), "exit code {code}");
    harness.finish(link, &[&first, &second]).await;
}

/// The engine cannot end a command: <https://github.com/moby/moby/issues/9098>.
#[tokio::test]
async fn commands_that_are_left_alone_do_not_pile_up() {
    let Some(engine) = Engine::if_wanted().await else {
        return eprintln!("skipped: there is no platform");
    };
    let image = PLAIN.make(&engine.docker).await;
    let made = shape::start(&engine, &spec(&image, json!({})))
        .await
        .unwrap();
    let runner = engine.runner().await;
    let run = async |script: &str| {
        let command = ["/bin/sh", "-c", script].map(Argument::trusted);
        let exec = Exec {
            command: command.into(),
            terminal: None,
        };
        runner.exec(&made.key, exec).await
    };
    for _ in 0..4 {
        let mut session = run("echo begun; while [ ! -e /go ]; do sleep 0.1; done")
            .await
            .unwrap();
        assert!(session.output.next().await.is_some());
    }
    let refused = run("true").await.err().unwrap();
    assert_eq!(refused.code, FailureCode::CommandsStillRunning);
    let container = engine.container(&made.key).await;
    let config = ExecConfig {
        cmd: Some(["/bin/touch", "/go"].map(str::to_owned).into()),
        ..ExecConfig::default()
    };
    let touch = engine.docker.create_exec(&container, config).await.unwrap();
    engine.docker.start_exec(&touch.id, None).await.unwrap();
    let again = async {
        while run("true").await.is_err() {
            sleep(Duration::from_millis(50)).await;
        }
    };
    timeout(PATIENCE, again).await.expect("they have ended");
    made.remove(&engine).await;
}
