//! Commands of the server.

use models::{
    deployment::DesiredState,
    runner::{RunnerFrame, ServerFrame},
};

use crate::conformance::{
    App, Harness, PORT, Subject,
    harness::{next, release, release_id},
};

/// A stopped deployment has no running instance; a started one runs again.
pub async fn stopping_leaves_nothing_running_and_starting_brings_it_back<S: Subject>(subject: &S) {
    let mut harness = Harness::start(subject).await;
    let mut link = harness.first_link().await;
    let app = harness.workload(App::Web, Some(PORT));
    let (app, _) = harness.deploy(&mut link, &app).await;

    let stopped = next(&app, |app| app.desired = DesiredState::Stopped);
    link.change(&stopped).await;
    link.observed("that nothing runs", app.deployment_id, <[_]>::is_empty)
        .await;

    let started = next(&stopped, |app| app.desired = DesiredState::Running);
    link.change(&started).await;
    let instance = harness.runs(&mut link, &started).await;
    assert!(instance.url().is_some());
    harness.finish(link, &[&started]).await;
}

/// A deletion is reported only once nothing is left, and again on each request.
pub async fn deleting_removes_everything_and_reports_it<S: Subject>(subject: &S) {
    let mut harness = Harness::start(subject).await;
    let mut link = harness.first_link().await;
    let app = harness.workload(App::Web, Some(PORT));
    let (app, _) = harness.deploy(&mut link, &app).await;

    let deleted = next(&app, |app| app.desired = DesiredState::Deleted);
    link.change(&deleted).await;
    for _ in 0..2 {
        let generation = link
            .until("that it is removed", |frame| match frame {
                RunnerFrame::Removed {
                    deployment_id,
                    generation,
                } if *deployment_id == app.deployment_id => Some(*generation),
                _ => None,
            })
            .await;
        assert_eq!(generation, deleted.generation);
        assert_eq!(link.observation(app.deployment_id), []);
        link.change(&deleted).await;
    }
    harness.finish(link, &[]).await;
}

/// A full state is complete: deployments that it does not name are removed.
pub async fn instances_that_the_server_does_not_list_are_removed<S: Subject>(subject: &S) {
    let mut harness = Harness::start(subject).await;
    let mut link = harness.first_link().await;
    let app = harness.workload(App::Web, Some(PORT));
    let (app, _) = harness.deploy(&mut link, &app).await;
    link.cut();

    harness.restart_runner().await;
    let (mut link, seen) = harness.next_link().await;
    assert_eq!(seen.len(), 1, "it sees what the last process left");
    assert_eq!(seen[0].generation, 0, "and does not know what it is for");
    link.set_desired(&[]).await;
    link.observed("that it is gone", app.deployment_id, <[_]>::is_empty)
        .await;
    harness.finish(link, &[]).await;
}

/// A platform may have several runners; each keeps to its own instances.
pub async fn instances_of_another_runner_are_left_alone<S: Subject>(subject: &S) {
    let mut harness = Harness::start(subject).await;
    let mut link = harness.first_link().await;
    let app = harness.workload(App::Web, Some(PORT));
    let (app, before) = harness.deploy(&mut link, &app).await;

    let mut other = Harness::start(subject).await;
    assert_ne!(other.server.runner_id, harness.server.runner_id);
    // The first link checks that the runner sees nothing, and sends an empty desired state.
    let mut other_link = other.first_link().await;
    let theirs = other.workload(App::Web, Some(PORT));
    let (theirs, _) = other.deploy(&mut other_link, &theirs).await;
    other.finish(other_link, &[&theirs]).await;

    link.change(&app).await;
    let after = harness.runs(&mut link, &app).await;
    assert_eq!(after, before);
    harness.finish(link, &[&app]).await;
}

/// An older generation or epoch than the newest seen is refused.
///
/// Frames may come late.
pub async fn an_older_generation_and_an_older_epoch_are_refused<S: Subject>(subject: &S) {
    let mut harness = Harness::start(subject).await;
    let mut link = harness.first_link().await;
    let app = harness.workload(App::Web, Some(PORT));
    let app = next(&app, |app| app.generation = 5);
    let (app, before) = harness.deploy(&mut link, &app).await;

    let mut late = app.clone();
    late.generation -= 1;
    late.desired = DesiredState::Deleted;
    link.change(&late).await;
    link.send(ServerFrame::DesiredState {
        epoch: link.epoch - 1,
        workloads: Vec::new(),
        more: false,
    })
    .await;
    let mut wrong_epoch = next(&app, |app| app.desired = DesiredState::Stopped);
    wrong_epoch.generation = 50;
    link.send(ServerFrame::WorkloadChanged {
        epoch: link.epoch - 1,
        workload: Box::new(wrong_epoch),
    })
    .await;

    // Frames are handled in order, so once this is live those before it had their chance.
    let other = harness.workload(App::Mute, None);
    let (other, _) = harness.deploy(&mut link, &other).await;
    let after = harness.runs(&mut link, &app).await;
    assert_eq!(after, before);

    // A refused generation is not recorded either.
    let spec = App::Mute.spec(subject.image(), None);
    let newer = next(&app, |app| app.release = Some(release(spec)));
    link.change(&newer).await;
    link.live(release_id(&newer)).await;
    harness.finish(link, &[&newer, &other]).await;
}
