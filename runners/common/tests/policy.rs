//! The reconcile loop under a host policy that forbids the server's requests.

#![expect(
    clippy::unwrap_used,
    reason = "tests, and what they are made of, speak by panics"
)]

use models::{
    ExecId,
    deployment::{DesiredState, Failure, FailureCode, Fault, Instance, InstanceState, Probe},
    runner::{HostPolicy, OpenExec, RunnerFrame, RunnerSpec, ServerFrame, Workload},
    value::{Argument, RegistryPattern},
};
use runner_common::{
    PlatformInstance, PlatformState,
    conformance::{App, ECHO, Harness, Link, PORT, fake::FakePlatform, harness::*},
};
use uuid::Uuid;

/// Restarts the runner with another policy.
async fn restart(harness: &mut Harness<'_, FakePlatform>, link: Link, policy: HostPolicy) -> Link {
    harness.stop_runner().await;
    link.cut();
    harness.policy = policy;
    harness.restart_runner().await;
    harness.next_link().await.0
}

/// Receives the failure of a release.
async fn failure(link: &mut Link, workload: &Workload) -> Failure {
    let reports = link.reports(release_id(workload)).await;
    assert_eq!(reports.len(), 1, "nothing is done before: {reports:?}");
    reports[0].failure.clone().unwrap()
}

fn changed(app: &Workload, change: impl FnOnce(&mut RunnerSpec)) -> Workload {
    next(app, |app| {
        let mut spec = app.release.as_ref().unwrap().spec.clone();
        change(&mut spec);
        app.release = Some(release(spec));
    })
}

fn only_from(registry: &str) -> HostPolicy {
    HostPolicy {
        registries: Some(vec![RegistryPattern::trusted(registry)]),
        ..HostPolicy::default()
    }
}

#[tokio::test]
async fn a_forbidden_image_is_neither_pulled_nor_created() {
    let platform = FakePlatform::default();
    let mut harness = Harness::start(&platform).await;
    let link = harness.first_link().await;
    let mut link = restart(&mut harness, link, only_from("ghcr.io")).await;
    link.set_desired(&[]).await;
    let app = harness.workload(App::Web, Some(PORT));
    link.change(&app).await;
    let failure = failure(&mut link, &app).await;
    assert_eq!(
        (failure.fault, failure.code.clone()),
        (Fault::User, FailureCode::RefusedByHostPolicy)
    );
    assert!(failure.message.contains("registries"), "{failure:?}");
    assert_eq!(platform.created(), 0);
}

#[tokio::test]
async fn a_later_generation_is_checked_too_and_the_old_one_stays() {
    let platform = FakePlatform::default();
    let mut harness = Harness::start(&platform).await;
    let link = harness.first_link().await;
    let policy = HostPolicy {
        max_instances: Some(2),
        max_memory_mib: Some(64),
        ..only_from("docker.io/berth")
    };
    let mut link = restart(&mut harness, link, policy).await;
    link.set_desired(&[]).await;
    let mut app = harness.workload(App::Mute, None);
    app.release.as_mut().unwrap().spec.resources.memory_mib = Some(32);
    let (app, before) = harness.deploy(&mut link, &app).await;

    let mut app = app;
    for (rule, hostile) in [
        ("max_instances", changed(&app, |spec| spec.instances = 3)),
        (
            "max_memory_mib",
            changed(&app, |spec| spec.resources.memory_mib = Some(65)),
        ),
        (
            "max_memory_mib",
            changed(&app, |spec| spec.resources.memory_mib = None),
        ),
        (
            "registries",
            changed(&app, |spec| {
                spec.image = models::value::ImageReference::trusted("berth2/conformance:fake");
            }),
        ),
    ] {
        let mut hostile = hostile;
        hostile.generation = app.generation + 1;
        link.change(&hostile).await;
        let failure = failure(&mut link, &hostile).await;
        assert_eq!(failure.code, FailureCode::RefusedByHostPolicy);
        assert!(failure.message.contains(rule), "{rule}: {failure:?}");
        // The server returns to the live release.
        app.generation = hostile.generation + 1;
        link.change(&app).await;
        let same = |seen: &[Instance]| matches!(seen, [only] if *only == before);
        link.observed("what ran", app.deployment_id, same).await;
    }
    assert_eq!(platform.created(), 1);
    harness.finish(link, &[&app]).await;
}

#[tokio::test]
async fn a_stricter_policy_stops_nothing_and_starts_nothing_it_forbids() {
    let platform = FakePlatform::default();
    let mut harness = Harness::start(&platform).await;
    let mut link = harness.first_link().await;
    let app = harness.workload(App::Mute, None);
    let (app, before) = harness.deploy(&mut link, &app).await;
    let mut link = restart(&mut harness, link, only_from("ghcr.io")).await;
    link.set_desired(std::slice::from_ref(&app)).await;
    let other = harness.workload(App::Mute, None);
    link.change(&other).await;
    assert_eq!(
        failure(&mut link, &other).await.code,
        FailureCode::RefusedByHostPolicy
    );
    assert_eq!(harness.runs(&mut link, &app).await, before);

    harness.kill(&app, before.instance_id).await;
    let is_down = |seen: &[Instance]| matches!(seen, [one] if matches!(one.state, InstanceState::Exited { .. }));
    link.observed("its end", app.deployment_id, is_down).await;
    platform.vanish(before.instance_id);
    link.observed("that it is gone", app.deployment_id, <[_]>::is_empty)
        .await;
    // A false claim that a release was live already gains the server nothing.
    let another = now_live(&changed(&app, |spec| spec.instances = 2));
    link.change(&another).await;
    let third = harness.workload(App::Mute, None);
    link.change(&third).await;
    assert_eq!(
        failure(&mut link, &third).await.code,
        FailureCode::RefusedByHostPolicy
    );
    assert_eq!(platform.created(), 1);
}

#[tokio::test]
async fn a_runner_on_its_own_holds_to_the_policy_too() {
    let platform = FakePlatform::default();
    let mut harness = Harness::start_with_state(&platform).await;
    let mut link = harness.first_link().await;
    let [stays, goes] = [App::Mute, App::Web].map(|app| harness.workload(app, None));
    let (stays, before) = harness.deploy(&mut link, &stays).await;
    let mut goes = goes;
    goes.release.as_mut().unwrap().spec.instances = 2;
    link.change(&goes).await;
    link.live(release_id(&goes)).await;
    harness.stop_runner().await;
    let seen = link.observation(goes.deployment_id).to_vec();
    link.cut();
    for instance in &seen {
        harness.kill(&goes, instance.instance_id).await;
    }
    harness.kill(&stays, before.instance_id).await;
    harness.policy.max_instances = Some(1);
    harness.start_runner_alone().await;
    let is_up =
        |seen: &[PlatformInstance]| matches!(seen, [only] if only.state == PlatformState::Running);
    harness
        .observed_on_platform("what is allowed", stays.deployment_id, is_up)
        .await;
    let are_down =
        |seen: &[PlatformInstance]| seen.len() == 2 && seen.iter().all(|one| !one.state.is_up());
    harness
        .observed_on_platform("what is not, still down", goes.deployment_id, are_down)
        .await;
}

#[tokio::test]
async fn no_program_is_run_where_commands_are_forbidden() {
    let platform = FakePlatform::default();
    let mut harness = Harness::start(&platform).await;
    let mut link = harness.first_link().await;
    let app = harness.workload(App::Mute, None);
    let (app, instance) = harness.deploy(&mut link, &app).await;
    let policy = HostPolicy {
        exec: false,
        ..HostPolicy::default()
    };
    let mut link = restart(&mut harness, link, policy).await;
    link.set_desired(std::slice::from_ref(&app)).await;
    harness.runs(&mut link, &app).await;
    for terminal in [None, Some(models::exec::TerminalSize::default())] {
        let exec_id = ExecId::from_uuid(Uuid::now_v7());
        link.send(ServerFrame::ExecOpen(Box::new(OpenExec {
            exec_id,
            deployment_id: app.deployment_id,
            instance_id: instance.instance_id,
            command: vec![Argument::trusted(ECHO)],
            terminal,
        })))
        .await;
        let failure = link
            .until("a refusal", |frame| match frame {
                RunnerFrame::ExecRefused { failure, .. } => Some(failure.clone()),
                RunnerFrame::ExecOutput { .. } | RunnerFrame::ExecExited { .. } => {
                    panic!("it was run: {frame:?}")
                }
                _ => None,
            })
            .await;
        assert_eq!(
            (failure.fault, failure.code.clone()),
            (Fault::User, FailureCode::RefusedByHostPolicy)
        );
        assert!(failure.message.contains("exec"), "{failure:?}");
    }
    harness.finish(link, &[&app]).await;
}

#[tokio::test]
async fn a_probe_runs_no_command_where_commands_are_forbidden() {
    let platform = FakePlatform::default();
    let mut harness = Harness::start(&platform).await;
    let mut link = harness.first_link().await;
    let app = harness.workload(App::Mute, None);
    let (app, before) = harness.deploy(&mut link, &app).await;
    let policy = HostPolicy {
        exec: false,
        ..HostPolicy::default()
    };
    let mut link = restart(&mut harness, link, policy).await;

    // The same release, with a suddenly different specification: nothing is created, so nothing
    // but the probe itself would notice.
    let mut hostile = app.clone();
    hostile.release.as_mut().unwrap().spec.liveness_probe = echoing();
    link.set_desired(std::slice::from_ref(&hostile)).await;
    harness.runs(&mut link, &app).await;
    let other = changed(&app, |spec| spec.startup_probe = echoing());
    link.change(&other).await;
    assert!(failure(&mut link, &other).await.message.contains("exec"));
    // Longer than three probes take.
    tokio::time::sleep(std::time::Duration::from_secs(3)).await;
    assert_eq!(platform.printed(), 0, "a command was run");
    assert_eq!(
        harness.runs(&mut link, &app).await,
        before,
        "what runs stays"
    );
}

fn echoing() -> Probe {
    let probe = serde_json::json!({"kind": "command", "command": [ECHO, "x"], "interval_ms": 500});
    serde_json::from_value(probe).unwrap()
}

#[tokio::test]
async fn a_server_cannot_give_a_runner_more_than_its_host_allows_in_all() {
    let platform = FakePlatform::default();
    let mut harness = Harness::start(&platform).await;
    let mut link = harness.first_link().await;
    let [first, second] = [App::Mute, App::Mute].map(|app| harness.workload(app, None));
    let (first, before) = harness.deploy(&mut link, &first).await;
    let (second, beside) = harness.deploy(&mut link, &second).await;
    let policy = HostPolicy {
        max_deployments: Some(2),
        max_all_instances: Some(3),
        ..HostPolicy::default()
    };
    let mut link = restart(&mut harness, link, policy.clone()).await;
    link.set_desired(&[first.clone(), second.clone()]).await;

    let third = harness.workload(App::Mute, None);
    link.change(&third).await;
    let refused = failure(&mut link, &third).await;
    assert!(refused.message.contains("max_deployments"), "{refused:?}");
    let many = changed(&second, |spec| spec.instances = 3);
    link.change(&many).await;
    let refused = failure(&mut link, &many).await;
    assert!(refused.message.contains("max_all_instances"), "{refused:?}");
    assert_eq!(
        harness.runs(&mut link, &second).await,
        beside,
        "what runs stays"
    );
    assert_eq!(platform.created(), 2);

    // A running release stays even if the policy no longer allows it.
    let policy = HostPolicy {
        max_deployments: Some(1),
        ..policy
    };
    let mut link = restart(&mut harness, link, policy).await;
    let second = next(&many, |app| app.release.clone_from(&second.release));
    link.set_desired(&[first.clone(), second.clone()]).await;
    link.change(&third).await;
    failure(&mut link, &third).await;
    assert_eq!(harness.runs(&mut link, &first).await, before);
    assert!(platform.has(beside.instance_id), "it was taken down");

    // The first one makes room: the second is taken up when it is gone.
    let gone = next(&first, |app| app.desired = DesiredState::Deleted);
    link.change(&gone).await;
    link.observed("its end", first.deployment_id, <[_]>::is_empty)
        .await;
    link.set_desired(std::slice::from_ref(&second)).await;
    let stopped = next(&second, |app| app.desired = DesiredState::Stopped);
    link.change(&stopped).await;
    link.observed("its end", second.deployment_id, <[_]>::is_empty)
        .await;
}
