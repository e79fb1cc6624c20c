//! An image's health check, as a platform reports it.

#![expect(clippy::unwrap_used, reason = "tests speak by panics")]

use std::time::Duration;

use models::{
    deployment::{
        FailureCode, Fault, ImageCheckUse, Instance, InstanceState, Probe, ProbeKind, ReleasePhase,
    },
    runner::{ReleaseReport, RunnerFrame, Workload},
    value::Argument,
};
use runner_common::{
    CheckOutput, Health, HealthStatus, Timings,
    conformance::{App, Harness, Link, PORT, TRUE, fake::FakePlatform, harness::*, quick_timings},
};

fn health(status: HealthStatus) -> Health {
    Health {
        status,
        output: CheckOutput::Printed("no database".to_owned()),
        retries: 3,
        limit: Duration::from_millis(300),
    }
}

fn says(platform: &FakePlatform, status: HealthStatus) {
    platform.break_it(|faults| faults.health = Some(health(status)));
}

async fn end(link: &mut Link, app: &Workload) -> ReleaseReport {
    link.change(app).await;
    link.reports(release_id(app)).await.pop().unwrap()
}

#[tokio::test]
async fn a_release_is_live_once_its_images_health_check_passes() {
    let platform = FakePlatform::default();
    says(&platform, HealthStatus::Starting);
    let mut harness = Harness::start(&platform).await;
    let mut link = harness.first_link().await;
    let app = harness.workload(App::Web, Some(PORT));
    link.change(&app).await;
    let message = link
        .until("what is waited for", |frame| match frame {
            RunnerFrame::Release(report) if report.phase == ReleasePhase::Verifying => {
                report.progress.clone()
            }
            _ => None,
        })
        .await
        .message;
    assert_eq!(message, "Waiting for the image's health check");
    says(&platform, HealthStatus::Healthy);
    link.live(release_id(&app)).await;
    harness.finish(link, &[&app]).await;
}

#[tokio::test]
async fn a_failed_image_health_check_shows_its_output() {
    let platform = FakePlatform::default();
    says(&platform, HealthStatus::Unhealthy);
    let mut harness = Harness::start(&platform).await;
    let mut link = harness.first_link().await;
    // Its port answers, but the health check decides.
    let app = harness.workload(App::Web, Some(PORT));
    let failure = end(&mut link, &app).await.failure.unwrap();
    assert_eq!(
        (failure.fault, failure.code.clone()),
        (Fault::User, FailureCode::ImageHealthCheckFailed)
    );
    let expected = "failed 3 times in a row. Output: no database";
    assert!(failure.message.contains(expected), "{failure:?}");
}

#[tokio::test]
async fn a_health_check_that_never_decides_is_not_waited_for_for_ever() {
    let platform = FakePlatform::default();
    says(&platform, HealthStatus::Starting);
    let timings = Timings {
        verify_timeout: Duration::from_millis(100),
        ..quick_timings()
    };
    let mut harness = Harness::start_with(&platform, timings).await;
    let mut link = harness.first_link().await;
    let app = harness.workload(App::Web, Some(PORT));
    let failure = end(&mut link, &app).await.failure.unwrap();
    assert_eq!(failure.code, FailureCode::ImageHealthCheckFailed);
    assert!(failure.message.contains("did not succeed"), "{failure:?}");
}

#[tokio::test]
async fn a_start_up_probe_of_the_deployments_own_and_a_person_overrule_it() {
    let platform = FakePlatform::default();
    says(&platform, HealthStatus::Unhealthy);
    let mut harness = Harness::start(&platform).await;
    let mut link = harness.first_link().await;
    let mut probed = harness.workload(App::Mute, None);
    probed.release.as_mut().unwrap().spec.startup_probe = Probe {
        kind: ProbeKind::Command,
        command: vec![Argument::trusted(TRUE)],
        ..Probe::default()
    };
    let mut ignored = harness.workload(App::Web, Some(PORT));
    ignored.release.as_mut().unwrap().spec.image_health_check = ImageCheckUse::Ignore;
    for app in [&probed, &ignored] {
        assert_eq!(end(&mut link, app).await.phase, ReleasePhase::Live);
    }
    harness.finish(link, &[&probed, &ignored]).await;
}

#[tokio::test]
async fn a_live_instance_that_fails_its_check_is_unhealthy_until_it_recovers() {
    let platform = FakePlatform::default();
    says(&platform, HealthStatus::Healthy);
    let timings = Timings {
        crash_reset: Duration::from_millis(100),
        ..quick_timings()
    };
    let mut harness = Harness::start_with(&platform, timings).await;
    let mut link = harness.first_link().await;
    let app = harness.workload(App::Web, Some(PORT));
    let (app, before) = harness.deploy(&mut link, &app).await;
    says(&platform, HealthStatus::Unhealthy);
    let ill = |seen: &[Instance]| matches!(seen, [one] if one.state == InstanceState::Unhealthy);
    link.observed("that it is ill", app.deployment_id, ill)
        .await;
    let error = link
        .error(app.deployment_id, FailureCode::ImageHealthCheckFailed)
        .await;
    assert!(error.failure.message.contains("no database"), "{error:?}");
    says(&platform, HealthStatus::Healthy);
    let after = harness.runs(&mut link, &app).await;
    assert_eq!(
        after.started_at, before.started_at,
        "it is not started again"
    );
    link.no_error(app.deployment_id).await;
    harness.finish(link, &[&app]).await;
}
