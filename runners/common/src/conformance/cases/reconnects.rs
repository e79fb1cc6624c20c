//! Links and processes that come and go.

use std::slice;

use models::{deployment::ReleasePhase, runner::RunnerFrame};

use crate::conformance::{
    App, Harness, InstanceSubject, PORT, Subject,
    harness::{next, now_live, release, release_id},
};

/// After a lost link the desired state is the same, so nothing is done.
pub async fn a_lost_link_repeats_nothing<S: Subject>(subject: &S) {
    let mut harness = Harness::start(subject).await;
    let mut link = harness.first_link().await;
    let app = harness.workload(App::Web, Some(PORT));
    let (app, before) = harness.deploy(&mut link, &app).await;
    link.cut();

    let (mut link, seen) = harness.next_link().await;
    assert_eq!(seen.len(), 1);
    assert_eq!(seen[0].generation, app.generation);
    assert_eq!(seen[0].instances, slice::from_ref(&before));
    for _ in 0..2 {
        link.set_desired(slice::from_ref(&app)).await;
    }
    let other = harness.workload(App::Mute, None);
    let (other, _) = harness.deploy(&mut link, &other).await;
    assert_eq!(link.observation(app.deployment_id), [before]);
    harness.finish(link, &[&app, &other]).await;
}

/// A rollout goes on while the server is away; its result is reported afterwards.
pub async fn a_link_lost_during_a_rollout_does_not_restart_it<S: Subject>(subject: &S) {
    let mut harness = Harness::start(subject).await;
    let mut link = harness.first_link().await;
    let app = harness.workload(App::Web, Some(PORT));
    link.change(&app).await;
    link.until("the attempt", |frame| {
        matches!(frame, RunnerFrame::Release(_)).then_some(())
    })
    .await;
    link.cut();

    let (mut link, _) = harness.next_link().await;
    link.set_desired(slice::from_ref(&app)).await;
    let reports = link.reports(release_id(&app)).await;
    let order: Vec<ReleasePhase> = reports.iter().map(|report| report.phase).collect();
    assert!(order.is_sorted(), "{order:?} goes back");
    assert_eq!(order.last(), Some(&ReleasePhase::Live));
    let instance = harness.runs(&mut link, &now_live(&app)).await;

    // The server did not receive it, and asks once more.
    link.cut();
    let (mut link, _) = harness.next_link().await;
    link.set_desired(slice::from_ref(&app)).await;
    let reports = link.reports(release_id(&app)).await;
    assert_eq!(reports.len(), 1, "only the result is told again");
    assert_eq!(harness.runs(&mut link, &app).await, instance);
    harness.finish(link, &[&app]).await;
}

/// A release that ended without a link is reported over the next one.
///
/// The server learned the digest of the image meanwhile and sends it along.
pub async fn a_release_that_ends_offline_is_reported_over_the_next_link<S: InstanceSubject>(
    subject: &S,
) {
    // The second app has a port on which it never answers.
    for (port, end) in [
        (None, ReleasePhase::Live),
        (Some(PORT), ReleasePhase::Failed),
    ] {
        let mut harness = Harness::start(subject).await;
        let mut link = harness.first_link().await;
        let before = harness.workload(App::Mute, None);
        let (before, _) = harness.deploy(&mut link, &before).await;
        let mut app = next(&before, |app| {
            app.release = Some(release(App::Mute.spec(subject.image(), port)));
        });
        link.change(&app).await;
        let digest = link
            .until("the digest", |frame| match frame {
                RunnerFrame::Release(report) if report.phase == ReleasePhase::Verifying => {
                    report.image_digest.clone()
                }
                _ => None,
            })
            .await;
        link.cut();
        let left = match end {
            ReleasePhase::Live => release_id(&app),
            _ => release_id(&before),
        };
        harness
            .observed_on_platform(
                "the end",
                app.deployment_id,
                |seen| matches!(seen, [only] if only.key.release_id == left),
            )
            .await;

        let (mut link, _) = harness.next_link().await;
        if let Some(release) = &mut app.release {
            release.image_digest = Some(digest.clone());
        }
        link.set_desired(slice::from_ref(&app)).await;
        let reports = link.reports(release_id(&app)).await;
        let [report] = &reports[..] else {
            panic!("more than the end is told: {reports:?}");
        };
        assert_eq!(report.phase, end);
        assert_eq!(report.image_digest, Some(digest));
        assert_eq!(report.failure.is_some(), end == ReleasePhase::Failed);
        let app = match end {
            ReleasePhase::Live => now_live(&app),
            _ => next(&app, |app| app.release.clone_from(&before.release)),
        };
        link.change(&app).await;
        harness.runs(&mut link, &app).await;
        harness.finish(link, &[&app]).await;
    }
}

/// A new process reads the platform's instances, and goes on from there.
pub async fn a_restarted_runner_finds_what_runs<S: Subject>(subject: &S) {
    let mut harness = Harness::start(subject).await;
    let mut link = harness.first_link().await;
    let app = harness.workload(App::Web, Some(PORT));
    let (app, before) = harness.deploy(&mut link, &app).await;
    link.cut();

    harness.restart_runner().await;
    let (mut link, seen) = harness.next_link().await;
    assert_eq!(seen.len(), 1);
    assert_eq!(seen[0].instances, slice::from_ref(&before));
    link.set_desired(slice::from_ref(&app)).await;
    link.until("that it knows again what it is for", |frame| match frame {
        RunnerFrame::ObservationChanged { workload } => {
            (workload.generation == app.generation).then_some(())
        }
        _ => None,
    })
    .await;
    assert_eq!(harness.runs(&mut link, &app).await, before);
    harness.finish(link, &[&app]).await;
}
