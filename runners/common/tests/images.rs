//! The image of a release: its registry's, else the host's copy, which is reported.

#![expect(clippy::unwrap_used, reason = "tests speak by panics")]

use std::{iter, time::Duration};

use models::{
    deployment::{CopyReason, DesiredState, FailureCode, Fault, ImageSource, ReleasePhase},
    runner::{ReleaseReport, RunnerFrame, Workload},
    time::Timestamp,
    value::{ImageDigest, ImageReference},
};
use runner_common::{
    RunnerError, Timings,
    conformance::{
        App, Harness, Link, PORT,
        fake::{FakeCopy, FakePlatform},
        harness::*,
        quick_timings,
    },
};

const BUILT: Timestamp = Timestamp::from_micros(1_700_000_000_000_000);

/// The digest of the host's copy.
fn old() -> ImageDigest {
    ImageDigest::sha256([0x1d; 32])
}

fn copy(is_from_registry: bool) -> FakeCopy {
    FakeCopy {
        digest: old(),
        created_at: BUILT,
        is_from_registry,
    }
}

const fn host_copy(because: CopyReason) -> ImageSource {
    ImageSource::Host {
        because,
        built_at: Some(BUILT),
    }
}

fn refusal(code: FailureCode) -> RunnerError {
    RunnerError::user(code, "The registry refuses it.")
}

fn silence() -> RunnerError {
    RunnerError::platform(FailureCode::TagLookupFailed, "The registry did not say.")
}

/// Returns another release of the same specification.
fn redeployed(app: &Workload) -> Workload {
    let spec = app.release.as_ref().map(|release| release.spec.clone());
    next(app, |app| app.release = spec.map(release))
}

/// Receives the last report of the app's release.
async fn end(link: &mut Link, app: &Workload) -> ReleaseReport {
    link.change(app).await;
    link.reports(release_id(app)).await.pop().unwrap()
}

async fn runs(link: &mut Link, app: &Workload, digest: &ImageDigest, source: ImageSource) {
    let end = end(link, app).await;
    assert_eq!(end.phase, ReleasePhase::Live, "{end:?}");
    assert_eq!(end.image_digest.as_ref(), Some(digest));
    assert_eq!(end.image_source, Some(source));
}

#[tokio::test]
async fn a_deploy_runs_what_the_registry_has_and_not_the_old_copy_on_the_host() {
    let platform = FakePlatform::default();
    platform.put_copy(copy(true));
    let mut harness = Harness::start(&platform).await;
    let mut link = harness.first_link().await;
    let app = harness.workload(App::Web, Some(PORT));
    runs(&mut link, &app, &platform.digest(), ImageSource::Registry).await;

    let pushed = ImageDigest::sha256([0x0b; 32]);
    platform.push(&pushed);
    let again = redeployed(&app);
    runs(&mut link, &again, &pushed, ImageSource::Registry).await;

    // Restarts and rollbacks name the digest, so no registry is asked.
    let asked = platform.lookups().len();
    let mut back = redeployed(&app);
    back.generation = again.generation + 1;
    back.release.as_mut().unwrap().image_digest = Some(platform.digest());
    runs(&mut link, &back, &platform.digest(), ImageSource::Digest).await;
    assert_eq!(platform.lookups().len(), asked);
    harness.finish(link, &[&back]).await;
}

#[tokio::test]
async fn an_image_that_only_the_host_has_is_used_and_reported() {
    for (code, because) in [
        (FailureCode::ImageNotFound, CopyReason::NotFound),
        (FailureCode::ImageAccessDenied, CopyReason::NotGiven),
        (FailureCode::RefusedByHostPolicy, CopyReason::NotAsked),
    ] {
        let platform = FakePlatform::default();
        platform.put_copy(copy(false));
        platform.break_it(|faults| faults.lookups.push_back(refusal(code.clone())));
        let mut harness = Harness::start(&platform).await;
        let mut link = harness.first_link().await;
        let app = harness.workload(App::Web, Some(PORT));
        runs(&mut link, &app, &old(), host_copy(because)).await;
        harness.finish(link, &[&app]).await;
    }
}

#[tokio::test]
async fn a_copy_from_a_registry_that_refuses_it_now_is_not_used() {
    for code in [
        FailureCode::ImageAccessDenied,
        FailureCode::RefusedByHostPolicy,
    ] {
        let platform = FakePlatform::default();
        platform.put_copy(copy(true));
        platform.break_it(|faults| faults.lookups.push_back(refusal(code.clone())));
        let mut harness = Harness::start(&platform).await;
        let mut link = harness.first_link().await;
        let app = harness.workload(App::Web, Some(PORT));
        let failure = end(&mut link, &app).await.failure.unwrap();
        assert_eq!((failure.fault, failure.code.clone()), (Fault::User, code));
        assert!(failure.message.contains("copy"), "{failure:?}");
        assert_eq!(platform.created(), 0);
    }
}

#[tokio::test]
async fn a_silent_registry_is_awaited_once_and_the_use_of_the_copy_is_reported() {
    let platform = FakePlatform::default();
    platform.put_copy(copy(true));
    platform.break_it(|faults| faults.lookups.extend(iter::repeat_with(silence).take(100)));
    let timings = Timings {
        registry_pause: Duration::from_mins(10),
        ..quick_timings()
    };
    let mut harness = Harness::start_with(&platform, timings).await;
    let mut link = harness.first_link().await;
    let app = harness.workload(App::Web, Some(PORT));
    let source = host_copy(CopyReason::NoAnswer);
    runs(&mut link, &app, &old(), source).await;
    let again = redeployed(&app);
    runs(&mut link, &again, &old(), source).await;
    assert_eq!(platform.lookups().len(), 1, "it is left alone for a while");
    harness.finish(link, &[&again]).await;
}

/// Returns an app whose image is named by its digest.
fn pinned(harness: &Harness<'_, FakePlatform>) -> Workload {
    let mut app = harness.workload(App::Web, Some(PORT));
    let spec = &mut app.release.as_mut().unwrap().spec;
    spec.image = ImageReference::new(format!("{}@{}", spec.image, old())).unwrap();
    app
}

#[tokio::test]
async fn a_digest_gets_no_copy_that_its_registry_refuses() {
    for error in [
        refusal(FailureCode::ImageAccessDenied),
        refusal(FailureCode::ImageNotFound),
        refusal(FailureCode::RefusedByHostPolicy),
        silence(),
    ] {
        let platform = FakePlatform::default();
        platform.put_copy(copy(true));
        let code = error.code.clone();
        platform.break_it(|faults| {
            faults
                .lookups
                .extend(iter::repeat_with(|| error.clone()).take(5));
        });
        let mut harness = Harness::start(&platform).await;
        let mut link = harness.first_link().await;
        let app = pinned(&harness);
        let end = end(&mut link, &app).await;
        assert_eq!(end.failure.unwrap().code, code);
        assert_eq!(end.image_digest, None);
        assert_eq!(
            end.image, None,
            "it tells of an image that is someone else's"
        );
        assert_eq!(platform.created(), 0);

        // The registry refused the previous release, not this one: it is asked again for each.
        platform.break_it(|faults| faults.lookups.clear());
        let again = redeployed(&app);
        runs(&mut link, &again, &old(), ImageSource::Digest).await;
        harness.finish(link, &[&again]).await;
    }
}

#[tokio::test]
async fn a_digest_that_this_runner_pulled_or_that_was_built_here_needs_no_registry() {
    for is_own in [true, false] {
        let platform = FakePlatform::default();
        if is_own {
            platform.put_own_copy(copy(true));
        } else {
            platform.put_copy(copy(false));
        }
        let mut harness = Harness::start(&platform).await;
        let mut link = harness.first_link().await;
        let app = pinned(&harness);
        runs(&mut link, &app, &old(), ImageSource::Digest).await;
        assert_eq!(platform.lookups().len(), 0);
        harness.finish(link, &[&app]).await;
    }
}

#[tokio::test]
async fn a_digest_that_ran_before_runs_again_without_a_registry() {
    let platform = FakePlatform::default();
    platform.put_copy(copy(true));
    let mut harness = Harness::start(&platform).await;
    let mut link = harness.first_link().await;
    let app = pinned(&harness);
    runs(&mut link, &app, &old(), ImageSource::Digest).await;
    assert_eq!(platform.lookups().len(), 1);
    let mut app = now_live(&app);
    app.release.as_mut().unwrap().image_digest = Some(old());
    link.change(&app).await;
    harness.runs(&mut link, &app).await;
    platform.break_it(|faults| faults.lookups.extend(iter::repeat_with(silence).take(100)));

    // Other settings: the server knows no digest yet.
    let changed = redeployed(&app);
    runs(&mut link, &changed, &old(), ImageSource::Digest).await;
    // A restart and a roll back: it names the previous one.
    let mut back = redeployed(&changed);
    back.release.as_mut().unwrap().image_digest = Some(old());
    runs(&mut link, &back, &old(), ImageSource::Digest).await;
    // A start of the stopped deployment.
    let stopped = next(&now_live(&back), |app| app.desired = DesiredState::Stopped);
    link.change(&stopped).await;
    link.observed("its end", app.deployment_id, <[_]>::is_empty)
        .await;
    let started = next(&stopped, |app| app.desired = DesiredState::Running);
    link.change(&started).await;
    harness.runs(&mut link, &started).await;
    assert_eq!(platform.lookups().len(), 1, "nobody is asked");
    harness.finish(link, &[&started]).await;
}

fn limit() -> RunnerError {
    RunnerError::platform(
        FailureCode::RegistryRateLimited,
        "The registry limits pulls.",
    )
}

#[tokio::test]
async fn a_rate_limit_of_a_registry_is_reported() {
    let platform = FakePlatform::default();
    platform.put_copy(copy(true));
    platform.break_it(|faults| faults.lookups.push_back(limit()));
    let timings = Timings {
        registry_pause: Duration::from_mins(10),
        ..quick_timings()
    };
    let mut harness = Harness::start_with(&platform, timings).await;
    let mut link = harness.first_link().await;
    let app = harness.workload(App::Web, Some(PORT));
    let source = host_copy(CopyReason::Limited);
    runs(&mut link, &app, &old(), source).await;
    let again = redeployed(&app);
    runs(&mut link, &again, &old(), source).await;
    assert_eq!(platform.lookups().len(), 1, "it is left alone for a while");
    harness.finish(link, &[&again]).await;
}

#[tokio::test]
async fn a_first_release_that_waits_for_a_registry_says_so() {
    let platform = FakePlatform::default();
    platform.break_it(|faults| {
        let wait = Duration::from_mins(10);
        faults.pulls.push_back(limit().retry_after(wait));
    });
    let mut harness = Harness::start(&platform).await;
    let mut link = harness.first_link().await;
    let app = harness.workload(App::Web, Some(PORT));
    link.change(&app).await;
    let said = link
        .until("that it waits", |frame| match frame {
            RunnerFrame::Release(report) => {
                let message = report.progress.as_ref()?.message.clone();
                message.contains("limits pulls").then_some(message)
            }
            _ => None,
        })
        .await;
    assert_eq!(said, "The registry limits pulls. Retrying in 600 s");
}

#[tokio::test]
async fn a_registry_that_hangs_holds_a_deploy_up_for_a_moment_only() {
    let platform = FakePlatform::default();
    platform.put_copy(copy(false));
    platform.break_it(|faults| faults.slow_lookup = Duration::from_hours(1));
    let timings = Timings {
        resolve_timeout: Duration::from_millis(50),
        ..quick_timings()
    };
    let mut harness = Harness::start_with(&platform, timings).await;
    let mut link = harness.first_link().await;
    let app = harness.workload(App::Web, Some(PORT));
    runs(&mut link, &app, &old(), host_copy(CopyReason::NoAnswer)).await;
    harness.finish(link, &[&app]).await;
}

#[tokio::test]
async fn without_an_answer_and_without_a_copy_the_image_is_pulled_all_the_same() {
    let platform = FakePlatform::default();
    platform.break_it(|faults| faults.lookups.push_back(silence()));
    let mut harness = Harness::start(&platform).await;
    let mut link = harness.first_link().await;
    let app = harness.workload(App::Web, Some(PORT));
    runs(&mut link, &app, &platform.digest(), ImageSource::Registry).await;
    harness.finish(link, &[&app]).await;
}
