//! Errors outside a rollout are reported, and so is their end.

#![expect(clippy::unwrap_used, reason = "tests speak by panics")]

use std::{iter, time::Duration};

use models::{
    deployment::{
        DesiredState, Failure, FailureCode, Fault, LastError, Probe, ProbeKind, Resources,
    },
    runner::{RunnerFrame, Workload},
    value::Argument,
};
use runner_common::{
    RunnerError, Timings,
    conformance::{App, Harness, Link, PORT, TRUE, fake::FakePlatform, harness::*, quick_timings},
};

fn busy() -> RunnerError {
    RunnerError::platform("platform_busy".into(), "The platform is busy.")
}

fn gone() -> RunnerError {
    RunnerError::user(FailureCode::ImageNotFound, "There is no such image.")
}

/// Returns a live workload after a person stopped or started it.
fn turned(app: &Workload, desired: DesiredState) -> Workload {
    next(app, |app| app.desired = desired)
}

fn with_64_mib(mut app: Workload) -> Workload {
    let release = app.release.as_mut().unwrap();
    release.spec.resources = Resources {
        memory_mib: Some(64),
        ..Resources::default()
    };
    app
}

async fn failure(link: &mut Link, app: &Workload) -> Failure {
    let reports = link.reports(release_id(app)).await;
    reports.last().unwrap().failure.clone().unwrap()
}

/// Returns the error after the runner's next retry.
async fn once_more(link: &mut Link, before: &LastError) -> LastError {
    link.until("the next try", |frame| match frame {
        RunnerFrame::ObservationChanged { workload } => {
            let error = workload.error.clone()?;
            (error.next_try_at != before.next_try_at).then_some(error)
        }
        _ => None,
    })
    .await
}

#[tokio::test]
async fn a_restart_without_its_image_shows_the_error_until_it_is_solved() {
    let platform = FakePlatform::default();
    let mut harness = Harness::start(&platform).await;
    let mut link = harness.first_link().await;
    let app = harness.workload(App::Web, Some(PORT));
    let (app, _) = harness.deploy(&mut link, &app).await;
    let app = turned(&app, DesiredState::Stopped);
    link.change(&app).await;
    link.observed("its end", app.deployment_id, <[_]>::is_empty)
        .await;

    platform.break_it(|faults| faults.pulls.extend(iter::repeat_with(gone).take(100)));
    let app = turned(&app, DesiredState::Running);
    link.change(&app).await;
    let first = link
        .error(app.deployment_id, FailureCode::ImageNotFound)
        .await;
    assert_eq!(first.failure.fault, Fault::User);
    assert!(first.next_try_at > Some(first.since));
    let again = once_more(&mut link, &first).await;
    assert_eq!(again.since, first.since, "it is the same trouble");

    platform.break_it(|faults| faults.pulls.clear());
    harness.runs(&mut link, &app).await;
    link.no_error(app.deployment_id).await;
    harness.finish(link, &[&app]).await;
}

#[tokio::test]
async fn a_failed_try_is_reported_before_the_last_one() {
    let platform = FakePlatform::default();
    let timings = Timings {
        retry_first: Duration::from_mins(10),
        retry_max: Duration::from_mins(10),
        ..quick_timings()
    };
    let mut harness = Harness::start_with(&platform, timings).await;
    let mut link = harness.first_link().await;
    platform.break_it(|faults| faults.starts.push_back(busy()));
    let app = now_live(&harness.workload(App::Mute, None));
    link.change(&app).await;
    let error = link.error(app.deployment_id, "platform_busy".into()).await;
    let wait = error.next_try_at.unwrap().millis_since(error.since);
    assert_eq!(wait, 600_000);
}

#[tokio::test]
async fn an_error_is_reported_again_over_the_next_link() {
    let platform = FakePlatform::default();
    platform.break_it(|faults| faults.pulls.extend(iter::repeat_with(gone).take(100)));
    let mut harness = Harness::start(&platform).await;
    let mut link = harness.first_link().await;
    let app = now_live(&harness.workload(App::Mute, None));
    link.change(&app).await;
    let first = link
        .error(app.deployment_id, FailureCode::ImageNotFound)
        .await;
    link.cut();
    let (mut link, _) = harness.next_link().await;
    let again = link
        .error(app.deployment_id, FailureCode::ImageNotFound)
        .await;
    assert_eq!(again.since, first.since);
    // After a newer intent, the error is no longer reported.
    platform.break_it(|faults| faults.pulls.clear());
    let app = turned(&app, DesiredState::Stopped);
    link.set_desired(std::slice::from_ref(&app)).await;
    link.no_error(app.deployment_id).await;
}

#[tokio::test]
async fn an_out_of_memory_error_stays_until_the_app_is_stable() {
    let platform = FakePlatform::default();
    let timings = Timings {
        crash_reset: Duration::from_millis(300),
        ..quick_timings()
    };
    let mut harness = Harness::start_with(&platform, timings).await;
    let mut link = harness.first_link().await;
    let app = with_64_mib(harness.workload(App::Web, Some(PORT)));
    let (app, instance) = harness.deploy(&mut link, &app).await;
    platform.kill_for_memory(instance.instance_id);
    let error = link
        .error(app.deployment_id, FailureCode::OutOfMemory)
        .await;
    assert_eq!(error.failure.fault, Fault::User);
    let message = &error.failure.message;
    assert!(
        message.contains("killed for exceeding its memory limit of 64 MiB"),
        "{message}"
    );
    harness.runs(&mut link, &app).await;
    link.no_error(app.deployment_id).await;
    harness.finish(link, &[&app]).await;
}

#[tokio::test]
async fn an_app_that_ended_and_runs_again_was_started_and_waits_for_no_try() {
    let platform = FakePlatform::default();
    let timings = Timings {
        crash_reset: Duration::from_mins(10),
        // Long enough for the first report to be sent before the second one replaces it.
        restart_first: Duration::from_millis(300),
        restart_max: Duration::from_millis(300),
        ..quick_timings()
    };
    let mut harness = Harness::start_with(&platform, timings).await;
    let mut link = harness.first_link().await;
    let app = with_64_mib(harness.workload(App::Web, Some(PORT)));
    let (app, instance) = harness.deploy(&mut link, &app).await;
    platform.kill_for_memory(instance.instance_id);
    let error = link
        .error(app.deployment_id, FailureCode::OutOfMemory)
        .await;
    let message = &error.failure.message;
    assert!(message.contains("and is being restarted."), "{message}");
    assert!(error.next_try_at.is_some());
    let after = once_more(&mut link, &error).await;
    let message = &after.failure.message;
    assert!(message.contains("and was restarted."), "{message}");
    assert_eq!((after.next_try_at, after.since), (None, error.since));
    harness.runs(&mut link, &app).await;
    harness.finish(link, &[&app]).await;
}

#[tokio::test]
async fn an_app_that_exits_gets_a_hint_about_its_restart_policy() {
    let platform = FakePlatform::default();
    let mut harness = Harness::start(&platform).await;
    let mut link = harness.first_link().await;
    let app = harness.workload(App::Done, None);
    link.change(&app).await;
    let failure = failure(&mut link, &app).await;
    assert_eq!(failure.code, FailureCode::AppExited);
    let hint = "set its restart policy to never or on_failure.";
    assert!(failure.message.contains(hint), "{failure:?}");
}

#[tokio::test]
async fn a_release_that_runs_out_of_memory_fails_with_that() {
    let platform = FakePlatform::default();
    platform.break_it(|faults| {
        faults.out_of_memory = true;
        faults.ends_at_first = 100;
    });
    let mut harness = Harness::start(&platform).await;
    let mut link = harness.first_link().await;
    let app = with_64_mib(harness.workload(App::Web, Some(PORT)));
    link.change(&app).await;
    let failure = failure(&mut link, &app).await;
    assert_eq!(
        (failure.fault, failure.code.clone()),
        (Fault::User, FailureCode::OutOfMemory)
    );
    let expected =
        "killed for exceeding its memory limit of 64 MiB before it answered on port 8080";
    assert!(failure.message.contains(expected), "{failure:?}");
}

#[tokio::test]
async fn a_probe_that_runs_out_of_memory_says_so() {
    let platform = FakePlatform::default();
    platform.break_it(|faults| faults.out_of_memory = true);
    let timings = Timings {
        verify_timeout: Duration::from_millis(300),
        ..quick_timings()
    };
    let mut harness = Harness::start_with(&platform, timings).await;
    let mut link = harness.first_link().await;
    let mut app = with_64_mib(harness.workload(App::Mute, None));
    app.release.as_mut().unwrap().spec.startup_probe = Probe {
        kind: ProbeKind::Command,
        command: vec![Argument::trusted(TRUE)],
        ..Probe::default()
    };
    link.change(&app).await;
    let failure = failure(&mut link, &app).await;
    assert_eq!(failure.code, FailureCode::ProbeFailed);
    let expected = "the command was killed for exceeding its memory limit of 64 MiB";
    assert!(failure.message.contains(expected), "{failure:?}");
}

#[tokio::test]
async fn an_instance_that_the_host_policy_no_longer_allows_says_so() {
    let platform = FakePlatform::default();
    let mut harness = Harness::start(&platform).await;
    harness.policy.max_deployments = Some(1);
    harness.restart_runner().await;
    let mut link = harness.first_link().await;
    let first = harness.workload(App::Mute, None);
    let (first, _) = harness.deploy(&mut link, &first).await;
    let second = now_live(&harness.workload(App::Mute, None));
    link.change(&second).await;
    let error = link
        .error(second.deployment_id, FailureCode::RefusedByHostPolicy)
        .await;
    assert_eq!(error.next_try_at, None, "it waits for a change");
    link.set_desired(std::slice::from_ref(&first)).await;
    link.no_error(second.deployment_id).await;
    harness.finish(link, &[&first]).await;
}
