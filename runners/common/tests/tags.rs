//! Tag requests to registries, with the fake runner.

#![expect(clippy::unwrap_used, reason = "tests speak by panics")]

use models::{
    DeploymentId,
    deployment::FailureCode,
    runner::{HostPolicy, RegistryCredential, RunnerFrame, TagReport, WatchedTag, Workload},
    value::{ImageDigest, RegistryHost, RegistryPattern, RegistryUserName, SecretText},
};
use runner_common::{
    RunnerError,
    conformance::{App, Harness, Link, PORT, fake::FakePlatform, harness::*},
};

/// The digest of a later push.
fn newer() -> ImageDigest {
    ImageDigest::sha256([0x11; 32])
}

/// Returns the same workload and generation, which watches its tag.
fn watching(workload: &Workload, serial: i64) -> Workload {
    let mut workload = workload.clone();
    workload.watched_tag = Some(WatchedTag {
        image: workload.release.as_ref().unwrap().spec.image.clone(),
        registry_credential: None,
        poll_serial: serial,
    });
    workload
}

/// Returns the workload with a digest, so only the watched tag causes requests.
fn asking_nobody(workload: &Workload) -> Workload {
    let mut workload = workload.clone();
    let digest = FakePlatform::default().digest();
    workload.release.as_mut().unwrap().image_digest = Some(digest);
    workload
}

fn ada() -> RegistryCredential {
    RegistryCredential {
        host: RegistryHost::default_registry(),
        user_name: RegistryUserName::trusted("ada"),
        password: SecretText::new("only pulls"),
    }
}

async fn report(link: &mut Link, deployment: DeploymentId) -> TagReport {
    link.until("what the tag means", |frame| match frame {
        RunnerFrame::TagResolved(report) if report.deployment_id == deployment => {
            Some(report.clone())
        }
        _ => None,
    })
    .await
}

#[tokio::test]
async fn a_watched_tag_is_reported_repeatedly_and_changes_nothing() {
    let platform = FakePlatform::default();
    let mut harness = Harness::start(&platform).await;
    let mut link = harness.first_link().await;
    let app = harness.workload(App::Web, Some(PORT));
    let (app, instance) = harness.deploy(&mut link, &app).await;
    assert_eq!(
        platform.lookups().len(),
        1,
        "the deploy asked, and nobody watches"
    );

    link.change(&watching(&app, 4)).await;
    for _ in 0..2 {
        let told = report(&mut link, app.deployment_id).await;
        assert_eq!(
            (told.poll_serial, told.digest.clone()),
            (4, Some(platform.digest()))
        );
    }
    platform.push(&newer());
    let mut told = report(&mut link, app.deployment_id).await;
    while told.digest.clone() != Some(newer()) {
        told = report(&mut link, app.deployment_id).await;
    }
    assert!(platform.has(instance.instance_id), "what runs stays");
    assert_eq!(platform.created(), 1);

    // The server follows the report: exactly this image, by its digest.
    let next = next(&app, |app| {
        let old = app.release.as_ref().unwrap();
        let mut pushed = release(old.spec.clone());
        pushed.image_digest = Some(newer());
        app.release = Some(pushed);
    });
    link.change(&next).await;
    let reports = link.reports(release_id(&next)).await;
    assert_eq!(reports.last().unwrap().image_digest, Some(newer()));
    harness.finish(link, &[&next]).await;
    let asked = platform.lookups().len();
    tokio::time::sleep(std::time::Duration::from_millis(600)).await;
    assert_eq!(
        platform.lookups().len(),
        asked,
        "nobody wants to know any more"
    );
}

#[tokio::test]
async fn one_question_serves_all_who_watch_the_same_tag() {
    let platform = FakePlatform::default();
    let mut harness = Harness::start(&platform).await;
    let mut link = harness.first_link().await;
    let apps: Vec<_> = (0..20)
        .map(|_| watching(&asking_nobody(&harness.workload(App::Mute, None)), 1))
        .collect();
    link.set_desired(&apps).await;
    let first = report(&mut link, apps[19].deployment_id).await;
    assert_eq!(first.digest, Some(platform.digest()));
    assert!(
        platform.lookups().len() < 10,
        "{}",
        platform.lookups().len()
    );

    let mut as_ada = apps[0].clone();
    as_ada.watched_tag.as_mut().unwrap().registry_credential = Some(ada());
    link.change(&as_ada).await;
    while platform.lookups().last().unwrap().as_ref() != Some(&ada()) {
        report(&mut link, as_ada.deployment_id).await;
    }
    let named: Vec<_> = apps.iter().collect();
    harness.finish(link, &named).await;
}

#[tokio::test]
async fn a_failed_tag_request_is_reported_and_retried_later() {
    let platform = FakePlatform::default();
    platform.break_it(|faults| {
        faults.lookups.push_back(RunnerError::user(
            FailureCode::ImageAccessDenied,
            "Not for you.",
        ));
    });
    let mut harness = Harness::start(&platform).await;
    let mut link = harness.first_link().await;
    let app = asking_nobody(&harness.workload(App::Mute, None));
    let app = watching(&app, 1);
    link.change(&app).await;
    let told = report(&mut link, app.deployment_id).await;
    assert_eq!(told.digest, None);
    assert_eq!(told.failure.unwrap().code, FailureCode::ImageAccessDenied);
    let told = report(&mut link, app.deployment_id).await;
    assert_eq!(
        (told.digest.clone(), told.failure),
        (Some(platform.digest()), None)
    );
    harness.finish(link, &[&app]).await;
}

#[tokio::test]
async fn a_registry_that_the_host_does_not_allow_is_not_asked() {
    let platform = FakePlatform::default();
    let mut harness = Harness::start(&platform).await;
    let link = harness.first_link().await;
    harness.stop_runner().await;
    link.cut();
    harness.policy = HostPolicy {
        registries: Some(vec![RegistryPattern::trusted("ghcr.io")]),
        ..HostPolicy::default()
    };
    harness.restart_runner().await;
    let mut link = harness.next_link().await.0;
    let app = watching(&harness.workload(App::Mute, None), 1);
    link.change(&app).await;
    let told = report(&mut link, app.deployment_id).await;
    assert_eq!(told.failure.unwrap().code, FailureCode::RefusedByHostPolicy);
    assert_eq!(platform.lookups(), []);
}

#[tokio::test]
async fn a_tag_with_the_credential_of_another_registry_is_refused_whole() {
    let platform = FakePlatform::default();
    let mut harness = Harness::start(&platform).await;
    let mut link = harness.first_link().await;
    let mut app = watching(&harness.workload(App::Mute, None), 1);
    app.watched_tag.as_mut().unwrap().registry_credential = Some(RegistryCredential {
        host: RegistryHost::new("ghcr.io").unwrap(),
        ..ada()
    });
    link.change(&app).await;
    let reports = link.reports(release_id(&app)).await;
    let failure = reports.last().unwrap().failure.clone();
    assert_eq!(failure.unwrap().code, FailureCode::WorkloadInvalid);
    assert_eq!(platform.lookups(), []);
}
