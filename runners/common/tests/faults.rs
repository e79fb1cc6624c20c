//! The reconcile loop with a failing platform, with the fake runner.

use std::time::Duration;

use models::{
    InstanceId,
    deployment::{
        FailureCode, Fault, Instance, InstanceState, Probe, ProbeKind, ReleasePhase, RestartPolicy,
    },
    error::ErrorCode,
    runner::{RunnerFrame, ServerFrame},
    value::Argument,
};
use runner_common::{
    InstanceKey, InstancePlatform, InstanceSpec, RunnerError, Timings,
    conformance::{
        App, FALSE, Harness, PATIENCE, PORT, fake::FakePlatform, harness::*, quick_timings,
    },
};
use uuid::Uuid;

fn busy() -> RunnerError {
    RunnerError::platform("platform_busy".into(), "The platform is busy.")
}

#[tokio::test]
async fn a_platform_that_fails_for_a_moment_is_tried_again() {
    let platform = FakePlatform::default();
    platform.break_it(|faults| {
        faults.pulls.extend([busy(), busy()]);
        faults.starts.extend([busy(), busy()]);
    });
    let mut harness = Harness::start(&platform).await;
    let mut link = harness.first_link().await;
    let app = harness.workload(App::Web, Some(PORT));
    let (app, _) = harness.deploy(&mut link, &app).await;
    assert_eq!(platform.created(), 3, "what would not start was made anew");
    assert_eq!(platform.present(), 1, "and nothing of it is left");
    harness.finish(link, &[&app]).await;
}

#[tokio::test]
async fn a_platform_that_keeps_failing_is_not_the_users_fault() {
    let platform = FakePlatform::default();
    platform.break_it(|faults| faults.starts.extend(std::iter::repeat_with(busy).take(100)));
    let mut harness = Harness::start(&platform).await;
    let mut link = harness.first_link().await;
    let app = harness.workload(App::Web, Some(PORT));
    link.change(&app).await;
    let reports = link.reports(release_id(&app)).await;
    let failure = reports
        .last()
        .and_then(|report| report.failure.clone())
        .unwrap();
    assert_eq!(
        (failure.fault, failure.code.clone()),
        (Fault::Platform, "platform_busy".into())
    );
    assert_eq!(platform.created(), 5, "it was tried five times");
    assert_eq!(platform.present(), 0);
}

#[tokio::test]
async fn a_permanent_failure_is_not_retried() {
    let platform = FakePlatform::default();
    let wrong = RunnerError::user(FailureCode::CommandNotRunnable, "There is no such command.");
    platform.break_it(|faults| faults.starts.push_back(wrong));
    let mut harness = Harness::start(&platform).await;
    let mut link = harness.first_link().await;
    let app = harness.workload(App::Web, Some(PORT));
    link.change(&app).await;
    let reports = link.reports(release_id(&app)).await;
    assert_eq!(reports.last().unwrap().phase, ReleasePhase::Failed);
    assert_eq!((platform.created(), platform.present()), (1, 0));
}

#[tokio::test]
async fn an_app_that_ends_once_is_live_at_its_second_start() {
    for instances in [1, 3] {
        let platform = FakePlatform::default();
        platform.break_it(|faults| faults.ends_at_first = 1);
        let mut harness = Harness::start(&platform).await;
        let mut link = harness.first_link().await;
        let mut app = harness.workload(App::Web, Some(PORT));
        app.release.as_mut().unwrap().spec.instances = instances;
        link.change(&app).await;
        link.live(release_id(&app)).await;
        assert_eq!(platform.present(), usize::from(instances));
        assert_eq!(platform.created(), usize::from(instances) + 1);
        harness.finish(link, &[&app]).await;
    }
}

#[tokio::test]
async fn an_instance_with_restart_policy_never_is_not_restarted() {
    let platform = FakePlatform::default();
    let mut harness = Harness::start(&platform).await;
    let mut link = harness.first_link().await;
    let mut app = harness.workload(App::Ends, None);
    app.release.as_mut().unwrap().spec.restart = RestartPolicy::Never;
    link.change(&app).await;
    let reports = link.reports(release_id(&app)).await;
    assert_eq!(reports.last().unwrap().phase, ReleasePhase::Failed);
    assert_eq!(platform.created(), 1);
}

#[tokio::test]
async fn an_app_that_ends_well_when_its_probe_asks_it_to_is_started_again() {
    let platform = FakePlatform::default();
    platform.break_it(|faults| faults.stop_code = Some(0));
    let mut harness = Harness::start(&platform).await;
    let mut link = harness.first_link().await;
    let mut app = harness.workload(App::Mute, None);
    let spec = &mut app.release.as_mut().unwrap().spec;
    spec.restart = RestartPolicy::OnFailure;
    spec.liveness_probe = Probe {
        kind: ProbeKind::Command,
        command: vec![Argument::trusted(FALSE)],
        interval_ms: 500,
        failures: 1,
        ..Probe::default()
    };
    let (app, before) = harness.deploy(&mut link, &app).await;
    let again = |seen: &[Instance]| {
        matches!(seen, [one] if one.state == InstanceState::Running
            && one.started_at > before.started_at)
    };
    link.observed("it again", app.deployment_id, again).await;
    harness.finish(link, &[&app]).await;
}

#[tokio::test]
async fn an_instance_too_many_is_taken_down() {
    let platform = FakePlatform::default();
    let mut harness = Harness::start(&platform).await;
    let mut link = harness.first_link().await;
    let app = harness.workload(App::Mute, None);
    let (app, first) = harness.deploy(&mut link, &app).await;

    // As two runners with the same token would leave it.
    let release = app.release.clone().unwrap();
    let extra = InstanceSpec {
        key: InstanceKey {
            runner_id: harness.server.runner_id,
            deployment_id: app.deployment_id,
            release_id: release.release_id,
            instance_id: InstanceId::from_uuid(Uuid::now_v7()),
            attempt: None,
        },
        spec: release.spec.clone(),
        image_digest: platform.digest(),
        expected_volumes: Vec::new(),
        network: None,
    };
    let other = harness.observer().await;
    other.create(&extra).await.unwrap();
    // It may be gone before it can be started.
    let _ = other.start(&extra.key).await;
    let gone = async {
        while platform.present() > 1 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    let gone = tokio::time::timeout(PATIENCE, gone).await;
    assert!(gone.is_ok(), "it stays");
    assert!(platform.has(first.instance_id), "the older one stays");
    harness.finish(link, &[&app]).await;
}

#[tokio::test]
async fn the_old_instance_stays_until_the_new_one_is_live() {
    let platform = FakePlatform::default();
    let mut harness = Harness::start(&platform).await;
    let mut link = harness.first_link().await;
    let app = harness.workload(App::Mute, None);
    let (app, first) = harness.deploy(&mut link, &app).await;
    // A release that was live once, sent after a roll back by the server, and does not start.
    platform.break_it(|faults| faults.starts.extend(std::iter::repeat_with(busy).take(12)));
    let created = platform.created();
    let other = next(&app, |app| {
        let spec = app.release.take().unwrap().spec;
        app.release = Some(release(spec));
    });
    let other = now_live(&other);
    link.change(&other).await;
    // The suite's pauses are short, so the retries go by quickly.
    while platform.created() < created + 12 {
        assert!(
            platform.has(first.instance_id),
            "it went before the other one stood"
        );
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let after = harness.runs(&mut link, &other).await;
    assert_ne!(after.instance_id, first.instance_id);
    harness.finish(link, &[&other]).await;
}

#[tokio::test]
async fn a_slow_pull_of_one_does_not_hold_up_another() {
    let platform = FakePlatform::default();
    platform.break_it(|faults| faults.slow_pull = Duration::from_hours(1));
    let mut harness = Harness::start(&platform).await;
    let mut link = harness.first_link().await;
    let slow = harness.workload(App::Web, Some(PORT));
    link.change(&slow).await;
    link.until("the pull", |frame| {
        matches!(frame, RunnerFrame::Release(_)).then_some(())
    })
    .await;
    platform.break_it(|faults| faults.slow_pull = Duration::ZERO);
    let quick = harness.workload(App::Web, Some(PORT));
    let (quick, _) = harness.deploy(&mut link, &quick).await;
    harness.finish(link, &[&quick]).await;
}

#[tokio::test]
async fn a_slow_start_is_cut_off_by_a_newer_wish() {
    let platform = FakePlatform::default();
    platform.break_it(|faults| faults.slow_start = Duration::from_hours(1));
    let mut harness = Harness::start(&platform).await;
    let mut link = harness.first_link().await;
    let app = harness.workload(App::Web, Some(PORT));
    link.change(&app).await;
    link.observed(
        "a half-made instance",
        app.deployment_id,
        |seen| matches!(seen, [only] if only.state == InstanceState::Pending),
    )
    .await;
    platform.break_it(|faults| faults.slow_start = Duration::ZERO);
    let newer = next(&app, |app| {
        let spec = app.release.as_ref().map(|release| release.spec.clone());
        app.release = spec.map(release);
    });
    let (newer, _) = harness.deploy(&mut link, &newer).await;
    assert_eq!(platform.present(), 1);
    harness.finish(link, &[&newer]).await;
}

#[tokio::test]
async fn a_wrong_platform_state_is_found_by_probing_the_app() {
    let platform = FakePlatform::default();
    platform.break_it(|faults| faults.lies = true);
    let mut harness = Harness::start(&platform).await;
    let mut link = harness.first_link().await;
    let app = harness.workload(App::Ends, Some(PORT));
    link.change(&app).await;
    let reports = link.reports(release_id(&app)).await;
    let failure = reports
        .last()
        .and_then(|report| report.failure.clone())
        .unwrap();
    assert_eq!(failure.code, FailureCode::PortNotAnswering);
}

#[tokio::test]
async fn a_platform_without_events_is_relisted() {
    let platform = FakePlatform::default();
    platform.break_it(|faults| faults.keeps_quiet = true);
    let timings = Timings {
        relist: Duration::from_millis(50),
        ..quick_timings()
    };
    let mut harness = Harness::start_with(&platform, timings).await;
    let mut link = harness.first_link().await;
    let app = harness.workload(App::Web, Some(PORT));
    let (app, before) = harness.deploy(&mut link, &app).await;
    harness.kill(&app, before.instance_id).await;
    link.observed(
        "it again",
        app.deployment_id,
        |seen| matches!(seen, [only] if only.started_at > before.started_at),
    )
    .await;
    harness.finish(link, &[&app]).await;
}

#[tokio::test]
async fn an_instance_that_was_removed_by_hand_is_made_again() {
    let platform = FakePlatform::default();
    let mut harness = Harness::start(&platform).await;
    let mut link = harness.first_link().await;
    let app = harness.workload(App::Web, Some(PORT));
    let (app, before) = harness.deploy(&mut link, &app).await;
    platform.vanish(before.instance_id);
    link.observed("another one", app.deployment_id, |seen| {
        matches!(seen, [only] if only.state == InstanceState::Running
            && only.instance_id != before.instance_id)
    })
    .await;
    harness.finish(link, &[&app]).await;
}

#[tokio::test]
async fn a_runner_opens_no_link_while_its_platform_is_silent() {
    let platform = FakePlatform::default();
    let timings = Timings {
        platform_grace: Duration::from_millis(100),
        relist: Duration::from_millis(50),
        ..quick_timings()
    };
    let mut harness = Harness::start_with(&platform, timings).await;
    let mut link = harness.first_link().await;
    let app = harness.workload(App::Web, Some(PORT));
    let (app, before) = harness.deploy(&mut link, &app).await;

    platform.break_it(|faults| faults.silent = true);
    link.end().await;
    platform.break_it(|faults| faults.silent = false);
    let (mut link, seen) = harness.next_link().await;
    assert_eq!(seen[0].instances, [before]);
    link.set_desired(std::slice::from_ref(&app)).await;
    harness.finish(link, &[&app]).await;
}

#[tokio::test]
async fn a_runner_that_was_refused_comes_again() {
    let platform = FakePlatform::default();
    let mut harness = Harness::start(&platform).await;
    harness
        .server
        .refuse(ServerFrame::Refused {
            code: ErrorCode::RunnerAlreadyConnected,
            message: "Another process is connected.".to_owned(),
        })
        .await;
    harness.first_link().await;
}

#[tokio::test]
async fn a_workload_that_breaks_the_rules_is_refused_and_what_runs_stays() {
    let platform = FakePlatform::default();
    let mut harness = Harness::start(&platform).await;
    let mut link = harness.first_link().await;
    let app = harness.workload(App::Web, Some(PORT));
    let (app, before) = harness.deploy(&mut link, &app).await;

    let hostile = next(&app, |app| {
        let mut spec = app.release.as_ref().unwrap().spec.clone();
        spec.image = models::value::ImageReference::trusted("../../etc;id");
        app.release = Some(release(spec));
    });
    link.change(&hostile).await;
    let reports = link.reports(release_id(&hostile)).await;
    let failure = reports
        .last()
        .and_then(|report| report.failure.clone())
        .unwrap();
    assert_eq!(
        (failure.fault, failure.code.clone()),
        (Fault::Platform, FailureCode::WorkloadInvalid)
    );
    let unharmed = |seen: &[Instance]| matches!(seen, [only] if *only == before);
    link.observed("what ran", app.deployment_id, unharmed).await;
    harness.finish(link, &[&app]).await;
}

#[tokio::test]
async fn a_frame_that_is_not_known_is_ignored_and_one_that_cannot_be_read_ends_the_link() {
    let platform = FakePlatform::default();
    let mut harness = Harness::start(&platform).await;
    let mut link = harness.first_link().await;
    link.send_text(r#"{"type": "of_the_future", "field": 1}"#)
        .await;
    let app = harness.workload(App::Mute, None);
    let (app, _) = harness.deploy(&mut link, &app).await;
    link.send_text(r#"{"type": "desired_state", "epoch": "yesterday"}"#)
        .await;
    link.end().await;
    let (mut link, seen) = harness.next_link().await;
    assert_eq!(seen.len(), 1, "and nothing was done because of it");
    link.set_desired(std::slice::from_ref(&app)).await;
    harness.finish(link, &[&app]).await;
}

#[tokio::test]
async fn a_replaced_platform_is_reported_again_and_apps_continue() {
    let platform = FakePlatform::default();
    let mut harness = Harness::start(&platform).await;
    let mut link = harness.first_link().await;
    let app = harness.workload(App::Web, Some(PORT));
    let (app, instance) = harness.deploy(&mut link, &app).await;
    let version =
        |harness: &Harness<FakePlatform>| harness.server.about.clone().unwrap().platform_version;
    assert_eq!(version(&harness), "1");

    platform.upgrade();
    let (mut link, seen) = harness.next_link().await;
    assert_eq!(version(&harness), "2");
    let ids: Vec<InstanceId> = seen[0].instances.iter().map(|i| i.instance_id).collect();
    assert_eq!(ids, [instance.instance_id], "the app went on");
    link.set_desired(std::slice::from_ref(&app)).await;
    harness.finish(link, &[&app]).await;
}
