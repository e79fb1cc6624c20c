//! Processes without a runner, which the suite cannot test.

use std::{fs, time::Duration};

use futures::{StreamExt, TryStreamExt};
use models::{
    deployment::{FailureCode, LogStream, Port, Protocol, Resources, StopPolicy},
    runner::{RunnerSpec, RunnerVariable},
    value::{Argument, ContainerPath, EnvironmentName, EnvironmentValue, ImageDigest},
};
use runner_common::{InstancePlatform, InstanceSpec, LogStart, PlatformState};

use crate::host::{TestHost, ended, inspect, kill, lines, new_key, start};

fn texts(lines: &[runner_common::PlatformLine]) -> Vec<&str> {
    lines
        .iter()
        .map(|line| str::from_utf8(&line.bytes).unwrap())
        .collect()
}

#[tokio::test]
async fn an_exit_code_is_right_though_no_runner_was_there() {
    let host = TestHost::new();
    let waits = host.script("waits", "while [ ! -e go ]; do sleep 0.01; done; exit 7");
    let runner = host.process_runner();
    let key = start(&runner, RunnerSpec::of_image(waits)).await;
    assert_eq!(inspect(&runner, &key).await.state, PlatformState::Running);
    drop(runner);

    fs::write(host.folder_of(&key).join("root/go"), "").unwrap();
    while host.process_state(&key)["code"].is_null() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let runner = host.process_runner();
    assert_eq!(ended(&runner, &key).await, 7);
    runner.remove(&key).await.unwrap();
    assert_eq!(runner.instances(key.runner_id).await.unwrap(), []);
}

#[tokio::test]
async fn a_process_and_its_supervisor_have_a_session_of_their_own() {
    let host = TestHost::new();
    let mute = host.script("mute", "exec sleep 1000");
    let runner = host.process_runner();
    let key = start(&runner, RunnerSpec::of_image(mute)).await;
    let id = |who: &str| host.process_state(&key)[who]["id"].as_i64().unwrap();
    let pid = rustix::process::Pid::from_raw(id("app").try_into().unwrap());
    let session = rustix::process::getsid(pid).unwrap();
    assert_eq!(i64::from(session.as_raw_pid()), id("supervisor"));
    runner.remove(&key).await.unwrap();
}

#[tokio::test]
async fn the_state_that_an_earlier_version_stored_is_read() {
    let host = TestHost::new();
    let runner = host.process_runner();
    let key = start(
        &runner,
        RunnerSpec::of_image(host.script("three", "exit 3")),
    )
    .await;
    ended(&runner, &key).await;
    let folder = host.folder_of(&key);
    fs::rename(folder.join("state.json"), folder.join("life.json")).unwrap();
    assert_eq!(inspect(&runner, &key).await.state, PlatformState::exited(3));
    runner.remove(&key).await.unwrap();
}

#[tokio::test]
async fn another_process_with_the_same_id_is_not_mistaken_for_the_app() {
    let host = TestHost::new();
    let runner = host.process_runner();
    let key = start(&runner, RunnerSpec::of_image(host.script("true", "exit 0"))).await;
    ended(&runner, &key).await;

    // As after a power loss: no exit code, and the process id belongs to another process now.
    let mut state = host.process_state(&key);
    state["code"] = serde_json::Value::Null;
    state["app"]["id"] = std::process::id().into();
    state["app"]["began"] = 1.into();
    state["supervisor"] = state["app"].clone();
    let path = host.folder_of(&key).join("state.json");
    fs::write(path, state.to_string()).unwrap();
    assert_eq!(
        inspect(&runner, &key).await.state,
        PlatformState::exited(255)
    );
    // A signal to that process would end the test.
    runner.stop(&key).await.unwrap();
    runner.remove(&key).await.unwrap();
}

#[tokio::test]
async fn an_app_without_its_supervisor_is_still_found_and_ended() {
    let host = TestHost::new();
    let runner = host.process_runner();
    let mute = host.script("mute", "exec sleep 1000");
    let key = start(&runner, RunnerSpec::of_image(mute)).await;
    kill(&host.process_state(&key)["supervisor"]);
    assert_eq!(inspect(&runner, &key).await.state, PlatformState::Running);
    runner.start(&key).await.unwrap();
    runner.stop(&key).await.unwrap();
    assert_eq!(ended(&runner, &key).await, 255);
    runner.remove(&key).await.unwrap();
}

#[tokio::test]
async fn an_app_gets_its_signal_and_is_ended_when_it_does_not_listen() {
    let host = TestHost::new();
    let runner = host.process_runner();
    for (script, grace_ms, code) in [
        ("trap 'echo bye; exit 5' USR1", 10_000, 5),
        ("trap '' USR1", 50, 137),
    ] {
        let script = format!("{script}\necho ready\nwhile :; do sleep 0.01; done");
        let mut spec = RunnerSpec::of_image(host.script("app-2", &script));
        spec.stop = StopPolicy {
            signal: Some(models::deployment::StopSignal::SigUsr1),
            grace_ms,
        };
        let key = start(&runner, spec).await;
        let mut reading = Box::pin(runner.logs(&key, LogStart::BEGINNING));
        assert_eq!(reading.next().await.unwrap().unwrap().bytes, b"ready");
        runner.stop(&key).await.unwrap();
        assert_eq!(ended(&runner, &key).await, code);
        let rest: Vec<_> = reading.try_collect().await.unwrap();
        assert_eq!(texts(&rest), if code == 5 { vec!["bye"] } else { vec![] });
        runner.remove(&key).await.unwrap();
    }
}

#[tokio::test]
async fn children_of_an_app_end_with_it() {
    let host = TestHost::new();
    let runner = host.process_runner();
    let parent = host.script("parent", "sleep 1000 & echo $!; exit 0");
    let key = start(&runner, RunnerSpec::of_image(parent)).await;
    assert_eq!(ended(&runner, &key).await, 0);
    let printed = lines(&runner, &key).await;
    let child = texts(&printed)[0].to_owned();
    let runs = || {
        let stat = fs::read_to_string(format!("/proc/{child}/stat"));
        stat.is_ok_and(|stat| !stat.contains(") Z "))
    };
    while runs() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    runner.remove(&key).await.unwrap();
}

#[tokio::test]
async fn an_app_gets_its_own_environment_and_not_the_runners() {
    let host = TestHost::new();
    let runner = host.process_runner();
    let shows = host.script(
        "shows",
        "pwd; echo \"$@\"; cat \"$BERTH_ROOT/etc/a\"; env >&2",
    );
    let mut spec = RunnerSpec::of_image(shows);
    spec.entrypoint = ["shows", "a b"].map(Argument::trusted).into();
    spec.arguments = vec![Argument::trusted("$(id)")];
    spec.working_directory = Some(ContainerPath::trusted("/srv"));
    spec.environment = vec![RunnerVariable::new(
        EnvironmentName::trusted("GREETING"),
        EnvironmentValue::trusted("good\nmorning"),
    )];
    spec.config_files = vec![models::runner::RunnerFile::new(
        ContainerPath::trusted("/etc/a"),
        models::value::FileContent::trusted("in the file"),
    )];
    spec.ports = [
        (7000, Protocol::Udp),
        (80, Protocol::Http),
        (81, Protocol::Http),
    ]
    .map(|(number, protocol)| Port { number, protocol })
    .into();
    let key = start(&runner, spec).await;
    ended(&runner, &key).await;
    let (out, err): (Vec<_>, Vec<_>) = lines(&runner, &key)
        .await
        .into_iter()
        .partition(|line| line.stream == LogStream::Stdout);
    let root = host.folder_of(&key).join("root");
    let root = fs::canonicalize(root).unwrap().display().to_string();
    assert_eq!(
        texts(&out),
        [format!("{root}/srv").as_str(), "a b $(id)", "in the file"]
    );

    let state = host.process_state(&key);
    let port = |at: usize| {
        state["ports"][at]["address"]
            .as_str()
            .unwrap()
            .rsplit(':')
            .next()
            .unwrap()
    };
    let mut expected = vec![
        format!("BERTH_ROOT={root}/"),
        "GREETING=good".to_owned(),
        "PATH=/usr/local/bin:/usr/bin:/bin".to_owned(),
        format!("PORT={}", port(1)),
        format!("PORT_7000={}", port(0)),
        format!("PORT_80={}", port(1)),
        format!("PORT_81={}", port(2)),
        format!("PWD={root}/srv"),
        "morning".to_owned(),
    ];
    expected.sort();
    let mut environment = texts(&err);
    environment.sort_unstable();
    environment.retain(|line| !line.starts_with('_'));
    assert_eq!(environment, expected);
    runner.remove(&key).await.unwrap();
}

#[tokio::test]
async fn lines_are_read_from_a_moment_and_from_the_end_and_long_ones_are_whole() {
    let host = TestHost::new();
    let runner = host.process_runner();
    let long = "printf '%20000s\\n' x; for i in 1 2 3 4; do echo $i; sleep 0.002; done; printf end";
    let key = start(&runner, RunnerSpec::of_image(host.script("long", long))).await;
    ended(&runner, &key).await;
    let all = lines(&runner, &key).await;
    let lengths: Vec<usize> = all.iter().map(|line| line.bytes.len()).collect();
    assert_eq!(lengths, [20_000, 1, 1, 1, 1, 3]);
    assert!(all.is_sorted_by_key(|line| line.at));
    for from in [LogStart::Since(all[3].at), LogStart::Tail(3)] {
        let some: Vec<_> = runner.logs(&key, from).try_collect().await.unwrap();
        assert_eq!(texts(&some), ["3", "4", "end"]);
    }
    let some: Vec<_> = runner
        .logs(&key, LogStart::Tail(100))
        .try_collect()
        .await
        .unwrap();
    assert_eq!(some, all);
    runner.remove(&key).await.unwrap();
}

#[tokio::test]
async fn a_limit_that_cannot_be_kept_is_refused() {
    let host = TestHost::new();
    let mut spec = RunnerSpec::of_image(host.script("true", "exit 0"));
    spec.resources = Resources {
        memory_mib: Some(64),
        cpu_millis: None,
    };
    let instance = InstanceSpec {
        key: new_key(),
        spec,
        image_digest: ImageDigest::sha256([0; 32]),
        expected_volumes: Vec::new(),
        network: None,
    };
    let error = host.process_runner().create(&instance).await.unwrap_err();
    assert_eq!(error.code, FailureCode::LimitsNotSupported);
}

#[tokio::test]
async fn a_half_made_instance_does_not_start_and_is_removed() {
    let host = TestHost::new();
    let runner = host.process_runner();
    let key = new_key();
    fs::create_dir_all(host.folder_of(&key).join("root")).unwrap();
    assert_eq!(inspect(&runner, &key).await.state, PlatformState::Created);
    assert_eq!(
        runner.start(&key).await.unwrap_err().code,
        FailureCode::NotStarted
    );
    runner.stop(&key).await.unwrap();
    runner.remove(&key).await.unwrap();
    assert_eq!(runner.instances(key.runner_id).await.unwrap(), []);
}
