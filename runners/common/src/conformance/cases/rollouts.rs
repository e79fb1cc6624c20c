//! Rollouts of releases.

use models::{
    deployment::{FailureCode, Fault, InstanceState, ReleasePhase},
    runner::{ReleaseReport, RunnerFrame},
};

use crate::conformance::{
    App, Harness, PORT, Subject,
    harness::{answers, next, now_live, release, release_id},
};

const STEPS: [ReleasePhase; 5] = [
    ReleasePhase::Pulling,
    ReleasePhase::Starting,
    ReleasePhase::Verifying,
    ReleasePhase::Switching,
    ReleasePhase::Live,
];

fn phases(reports: &[ReleaseReport]) -> Vec<ReleasePhase> {
    let mut phases: Vec<_> = reports.iter().map(|report| report.phase).collect();
    phases.dedup();
    phases
}

/// A new release is reported phase by phase, and then it answers.
pub async fn deploying_reaches_live_through_every_phase<S: Subject>(subject: &S) {
    let mut harness = Harness::start(subject).await;
    let mut link = harness.first_link().await;
    let app = harness.workload(App::Web, Some(PORT));

    link.change(&app).await;
    let reports = link.reports(release_id(&app)).await;
    assert_eq!(phases(&reports), STEPS);
    assert!(reports.iter().all(|report| report.failure.is_none()));
    assert!(
        reports
            .last()
            .is_some_and(|report| report.image_digest.is_some())
    );
    let verifying = reports.iter().find(|r| r.phase == ReleasePhase::Verifying);
    let progress = verifying.and_then(|report| report.progress.clone());
    assert_eq!(
        progress.map(|progress| progress.message).as_deref(),
        Some("Waiting for port 8080 to answer")
    );

    let instance = harness.runs(&mut link, &app).await;
    assert!(instance.started_at.is_some());
    assert!(answers(&instance).await);
    harness.finish(link, &[&app]).await;
}

/// An app without a port has nothing to check but a minimum uptime.
pub async fn an_app_without_a_port_is_live_when_it_stays_up<S: Subject>(subject: &S) {
    let mut harness = Harness::start(subject).await;
    let mut link = harness.first_link().await;
    let app = harness.workload(App::Mute, None);

    link.change(&app).await;
    assert_eq!(phases(&link.reports(release_id(&app)).await), STEPS);
    let instance = harness.runs(&mut link, &app).await;
    assert_eq!(instance.url(), None);
    harness.finish(link, &[&app]).await;
}

/// Users of the app notice a new release only by its responses.
pub async fn redeploying_keeps_the_old_instance_until_the_new_one_is_verified<S: Subject>(
    subject: &S,
) {
    let mut harness = Harness::start(subject).await;
    let mut link = harness.first_link().await;
    let app = harness.workload(App::Web, Some(PORT));
    let (app, old) = harness.deploy(&mut link, &app).await;

    let spec = app.release.as_ref().map(|release| release.spec.clone());
    let app = next(&app, |app| app.release = spec.map(release));
    link.change(&app).await;
    let mut both = false;
    link.until("the switch", |frame| match frame {
        RunnerFrame::ObservationChanged { workload } => {
            let up = |state: InstanceState| {
                let of = |i: &&models::deployment::Instance| i.state == state;
                workload.instances.iter().filter(of).count()
            };
            both |= up(InstanceState::Running) == 1 && up(InstanceState::Starting) == 1;
            None
        }
        RunnerFrame::Release(report) => (report.phase == ReleasePhase::Switching).then_some(()),
        _ => None,
    })
    .await;
    assert!(both, "the old instance ran while the new one was verified");

    link.live(release_id(&app)).await;
    let new = harness.runs(&mut link, &app).await;
    assert_ne!(new.instance_id, old.instance_id);
    assert!(answers(&new).await);
    harness.finish(link, &[&app]).await;
}

/// A failed pull names the party at fault, and changes nothing.
pub async fn a_missing_image_fails_and_leaves_the_running_release_alone<S: Subject>(subject: &S) {
    let mut harness = Harness::start(subject).await;
    let mut link = harness.first_link().await;
    let app = harness.workload(App::Web, Some(PORT));
    let (app, old) = harness.deploy(&mut link, &app).await;

    let missing = next(&app, |app| {
        let spec = App::Web.spec(subject.missing_image(), Some(PORT));
        app.release = Some(release(spec));
    });
    link.change(&missing).await;
    let reports = link.reports(release_id(&missing)).await;
    assert_eq!(
        phases(&reports),
        [ReleasePhase::Pulling, ReleasePhase::Failed]
    );
    let failure = reports.last().and_then(|report| report.failure.clone());
    let failure = failure.expect("it says why");
    assert_eq!(
        (failure.fault, failure.code.clone()),
        (Fault::User, FailureCode::ImageNotFound),
        "{failure:?}"
    );

    // The server goes back to the release that is live.
    let back = next(&missing, |back| back.release.clone_from(&app.release));
    link.change(&back).await;
    let still = harness.runs(&mut link, &back).await;
    assert_eq!(
        (still.instance_id, still.started_at),
        (old.instance_id, old.started_at)
    );
    harness.finish(link, &[&back]).await;
}

/// An app that exits right away is the user's to fix, and its last lines say how.
pub async fn an_app_that_ends_fails_with_its_last_lines<S: Subject>(subject: &S) {
    let mut harness = Harness::start(subject).await;
    let mut link = harness.first_link().await;
    let app = harness.workload(App::Ends, Some(PORT));

    link.change(&app).await;
    let reports = link.reports(release_id(&app)).await;
    let failure = reports.last().and_then(|report| report.failure.clone());
    let failure = failure.expect("it says why");
    assert_eq!(
        (failure.fault, failure.code.clone()),
        (Fault::User, FailureCode::AppExited)
    );
    assert!(
        failure.message.contains("exited with code 3"),
        "{failure:?}"
    );
    assert!(failure.message.contains("going down"), "{failure:?}");
    link.observed("nothing left", app.deployment_id, <[_]>::is_empty)
        .await;
    harness.finish(link, &[]).await;
}

/// A wrong port is detected and reported.
pub async fn a_port_that_never_answers_fails<S: Subject>(subject: &S) {
    let mut harness = Harness::start(subject).await;
    let mut link = harness.first_link().await;
    let app = harness.workload(App::Mute, Some(PORT));

    link.change(&app).await;
    let reports = link.reports(release_id(&app)).await;
    let failure = reports.last().and_then(|report| report.failure.clone());
    let failure = failure.expect("it says why");
    assert_eq!(
        (failure.fault, failure.code.clone()),
        (Fault::User, FailureCode::PortNotAnswering)
    );
    link.observed("nothing left", app.deployment_id, <[_]>::is_empty)
        .await;

    // The same release is not tried again until someone asks for it.
    let other = harness.workload(App::Web, Some(PORT));
    link.change(&app).await;
    let (other, _) = harness.deploy(&mut link, &other).await;
    assert_eq!(link.observation(app.deployment_id), []);
    harness.finish(link, &[&other]).await;
}

/// The newest desired state counts; a superseded rollout leaves nothing behind.
pub async fn a_newer_release_cancels_the_attempt_at_an_older_one<S: Subject>(subject: &S) {
    let mut harness = Harness::start(subject).await;
    let mut link = harness.first_link().await;
    let older = harness.workload(App::Mute, Some(PORT));
    link.change(&older).await;
    let verifying = |frame: &RunnerFrame| match frame {
        RunnerFrame::Release(report) => (report.phase == ReleasePhase::Verifying).then_some(()),
        _ => None,
    };
    link.until("the attempt", verifying).await;

    let newer = next(&older, |newer| {
        newer.release = Some(release(App::Web.spec(subject.image(), Some(PORT))));
    });
    link.change(&newer).await;
    for phase in [ReleasePhase::Verifying, ReleasePhase::Live] {
        link.until("how the newer one goes on", |frame| match frame {
            RunnerFrame::Release(report) if report.release_id == release_id(&newer) => {
                (report.phase == phase).then_some(())
            }
            RunnerFrame::Release(report) => panic!("a canceled release is reported: {report:?}"),
            _ => None,
        })
        .await;
        let left = link.observation(older.deployment_id);
        let left = left.iter().find(|i| i.release_id == release_id(&older));
        assert_eq!(left, None, "the older one's instance is still there");
    }
    harness.runs(&mut link, &now_live(&newer)).await;
    harness.finish(link, &[&newer]).await;
}
