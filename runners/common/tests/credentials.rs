//! Credentials of pulls, with the fake runner.

#![expect(clippy::unwrap_used, reason = "tests speak by panics")]

use models::{
    deployment::{FailureCode, ReleasePhase},
    runner::{RegistryCredential, Workload},
    value::{RegistryHost, RegistryUserName, SecretText},
};
use runner_common::conformance::{App, Harness, PORT, fake::FakePlatform, harness::*};

fn credential(host: &str, password: &str) -> RegistryCredential {
    RegistryCredential {
        host: RegistryHost::new(host).unwrap(),
        user_name: RegistryUserName::new("ada").unwrap(),
        password: SecretText::new(password),
    }
}

/// Returns the same workload and generation with another credential.
fn with(workload: &Workload, credential: &RegistryCredential) -> Workload {
    let mut workload = workload.clone();
    workload.release.as_mut().unwrap().registry_credential = Some(credential.clone());
    workload
}

#[tokio::test]
async fn a_pull_has_the_newest_credential_though_the_generation_did_not_grow() {
    let platform = FakePlatform::default();
    let mut harness = Harness::start(&platform).await;
    let mut link = harness.first_link().await;
    let first = credential("docker.io", "first");
    let app = with(&harness.workload(App::Web, Some(PORT)), &first);
    let (app, instance) = harness.deploy(&mut link, &app).await;
    assert_eq!(platform.pulls(), [Some(first.clone())]);

    let second = credential("docker.io", "second");
    let app = with(&app, &second);
    link.change(&app).await;
    // Commands are followed in order: a later one is live, so this one was received.
    let other = harness.workload(App::Web, Some(PORT));
    let (other, _) = harness.deploy(&mut link, &other).await;
    platform.vanish(instance.instance_id);
    let again = link
        .observed(
            "another instance",
            app.deployment_id,
            |seen| matches!(seen, [only] if only.instance_id != instance.instance_id),
        )
        .await;
    assert_eq!(again.len(), 1);
    assert_eq!(platform.pulls(), [Some(first), None, Some(second)]);
    harness.finish(link, &[&app, &other]).await;
}

#[tokio::test]
async fn a_changed_credential_touches_nothing_that_runs() {
    let platform = FakePlatform::default();
    let mut harness = Harness::start(&platform).await;
    let mut link = harness.first_link().await;
    let app = harness.workload(App::Web, Some(PORT));
    let (app, instance) = harness.deploy(&mut link, &app).await;
    link.change(&with(&app, &credential("docker.io", "new")))
        .await;
    let other = harness.workload(App::Web, Some(PORT));
    let (other, _) = harness.deploy(&mut link, &other).await;
    assert!(platform.has(instance.instance_id));
    assert_eq!(platform.created(), 2);
    harness.finish(link, &[&app, &other]).await;
}

#[tokio::test]
async fn a_credential_for_another_registry_is_refused_before_any_pull() {
    let platform = FakePlatform::default();
    let mut harness = Harness::start(&platform).await;
    let mut link = harness.first_link().await;
    let app = harness.workload(App::Web, Some(PORT));
    link.change(&with(&app, &credential("ghcr.io", "not for docker.io")))
        .await;
    let reports = link.reports(release_id(&app)).await;
    let last = reports.last().unwrap();
    assert_eq!(last.phase, ReleasePhase::Failed);
    assert_eq!(
        last.failure.as_ref().unwrap().code,
        FailureCode::WorkloadInvalid
    );
    assert_eq!(platform.pulls(), []);
}
