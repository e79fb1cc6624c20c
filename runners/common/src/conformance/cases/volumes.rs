//! Data that outlives the instances that use it.

use models::{
    VolumeId,
    deployment::{DesiredState, FailureCode, Fault, ReleasePhase, VolumeMount},
    runner::{RunnerFrame, RunnerSpec, ServerFrame, Workload},
    value::ContainerPath,
};
use uuid::Uuid;

use crate::conformance::{
    App, DATA, Harness, Link, Subject,
    harness::{next, now_live, release, release_id},
};
use crate::platform::Platform;

fn new_volume() -> VolumeId {
    VolumeId::from_uuid(Uuid::now_v7())
}

/// Returns the workload with a volume.
fn with(workload: &Workload, volume_id: VolumeId) -> Workload {
    let mut workload = workload.clone();
    if let Some(release) = &mut workload.release {
        release.spec.volumes = vec![VolumeMount {
            volume_id,
            path: ContainerPath::trusted(DATA),
        }];
    }
    workload
}

/// Returns the workload with a newer release of a changed specification.
fn newer(workload: &Workload, change: impl FnOnce(&mut RunnerSpec)) -> Workload {
    next(workload, |workload| {
        let old = workload.release.as_ref().expect("it has a release");
        let mut spec = old.spec.clone();
        change(&mut spec);
        workload.release = Some(release(spec));
    })
}

/// Receives until the release ends, and checks that there is at most one instance.
async fn alone(link: &mut Link, workload: &Workload) -> ReleasePhase {
    let id = release_id(workload);
    link.until("how the release ends", |frame| match frame {
        RunnerFrame::ObservationChanged { workload: seen }
            if seen.deployment_id == workload.deployment_id =>
        {
            assert!(seen.instances.len() <= 1, "two at a time: {seen:?}");
            None
        }
        RunnerFrame::Release(report) if report.release_id == id => {
            report.phase.is_terminal().then_some(report.phase)
        }
        _ => None,
    })
    .await
}

/// Receives until this is an app's newest line.
async fn prints(link: &mut Link, text: &str) {
    loop {
        let lines = &link.lines;
        let shared = lines.iter().any(|line| line.text == "shared");
        assert!(!shared, "two apps had the volume at the same time");
        if lines.last().is_some_and(|line| line.text == text) {
            return;
        }
        link.recv().await;
    }
}

/// Deletes a deployment, which leaves its volumes.
async fn delete(link: &mut Link, workload: &Workload) {
    let deleted = next(workload, |workload| {
        workload.desired = DesiredState::Deleted;
    });
    link.change(&deleted).await;
    link.until("that it is removed", |frame| match frame {
        RunnerFrame::Removed { deployment_id, .. } => {
            (*deployment_id == workload.deployment_id).then_some(())
        }
        _ => None,
    })
    .await;
}

/// Runs an app with a volume until it has printed this, and deletes it again.
async fn runs_once<S: Subject>(
    harness: &Harness<'_, S>,
    link: &mut Link,
    volume: VolumeId,
    text: &str,
) {
    let app = with(&harness.workload(App::Keeps, None), volume);
    let (app, _) = harness.deploy(link, &app).await;
    prints(link, text).await;
    delete(link, &app).await;
}

/// Asks for a volume's removal; returns true if it is gone.
async fn remove(link: &mut Link, volume: VolumeId) -> bool {
    let epoch = link.epoch;
    let volume_ids = vec![volume];
    link.send(ServerFrame::RemoveVolumes { epoch, volume_ids })
        .await;
    link.until("what became of the volume", |frame| match frame {
        RunnerFrame::VolumeRemoved { volume_id } => (*volume_id == volume).then_some(true),
        RunnerFrame::VolumeRemovalFailed { volume_id, .. } => {
            (*volume_id == volume).then_some(false)
        }
        _ => None,
    })
    .await
}

/// A volume belongs to no release and to no deployment.
pub async fn data_outlives_releases_restarts_and_deployments<S: Subject>(subject: &S) {
    if !subject.runner().await.capabilities().volumes {
        return;
    }
    let mut harness = Harness::start(subject).await;
    let mut link = harness.first_link().await;
    let volume = new_volume();
    let app = with(&harness.workload(App::Keeps, None), volume);
    let (app, _) = harness.deploy(&mut link, &app).await;
    prints(&mut link, "kept 1").await;

    let app = newer(&app, |_| {});
    let (app, _) = harness.deploy(&mut link, &app).await;
    prints(&mut link, "kept 2").await;

    let stopped = next(&app, |app| app.desired = DesiredState::Stopped);
    link.change(&stopped).await;
    link.observed("that nothing runs", app.deployment_id, <[_]>::is_empty)
        .await;
    let app = next(&stopped, |app| app.desired = DesiredState::Running);
    link.change(&app).await;
    prints(&mut link, "kept 3").await;

    link.cut();
    harness.restart_runner().await;
    let (mut link, _) = harness.next_link().await;
    link.set_desired(std::slice::from_ref(&app)).await;
    harness.runs(&mut link, &app).await;
    delete(&mut link, &app).await;

    runs_once(&harness, &mut link, volume, "kept 4").await;
    assert!(remove(&mut link, volume).await);
    harness.finish(link, &[]).await;
}

/// A release with a volume uses the recreate strategy, and so does the next one.
///
/// When it fails, the previous one comes back.
pub async fn releases_never_share_a_volume<S: Subject>(subject: &S) {
    if !subject.runner().await.capabilities().volumes {
        return;
    }
    let mut harness = Harness::start(subject).await;
    let mut link = harness.first_link().await;
    let volume = new_volume();
    let before = harness.workload(App::Mute, None);
    let (before, _) = harness.deploy(&mut link, &before).await;

    let spec = harness
        .workload(App::Keeps, None)
        .release
        .expect("it has one");
    let first = with(&newer(&before, |old| *old = spec.spec), volume);
    link.change(&first).await;
    assert_eq!(alone(&mut link, &first).await, ReleasePhase::Live);
    let first = now_live(&first);
    link.change(&first).await;
    prints(&mut link, "kept 1").await;

    let ends = harness
        .workload(App::Ends, None)
        .release
        .expect("it has one");
    let worse = with(&newer(&first, |old| *old = ends.spec), volume);
    link.change(&worse).await;
    assert_eq!(alone(&mut link, &worse).await, ReleasePhase::Failed);
    // The server goes back to the release that is live.
    let back = next(&worse, |back| back.release.clone_from(&first.release));
    link.change(&back).await;
    harness.runs(&mut link, &back).await;
    prints(&mut link, "kept 2").await;

    let without = newer(&back, |spec| {
        *spec = RunnerSpec {
            volumes: Vec::new(),
            ..App::Mute.spec(subject.image(), None)
        }
    });
    link.change(&without).await;
    assert_eq!(alone(&mut link, &without).await, ReleasePhase::Live);
    let shared = link.lines.iter().any(|line| line.text == "shared");
    assert!(!shared, "two apps had the volume at the same time");
    delete(&mut link, &without).await;
    assert!(remove(&mut link, volume).await);
    harness.finish(link, &[]).await;
}

/// Only a command of the server removes data, and no command while in use.
pub async fn a_volume_is_removed_only_when_it_is_asked_for_and_free<S: Subject>(subject: &S) {
    if !subject.runner().await.capabilities().volumes {
        return;
    }
    let mut harness = Harness::start(subject).await;
    let mut link = harness.first_link().await;
    let volume = new_volume();
    let app = with(&harness.workload(App::Keeps, None), volume);
    let (app, before) = harness.deploy(&mut link, &app).await;
    assert!(!remove(&mut link, volume).await, "an instance has it");
    assert_eq!(harness.runs(&mut link, &app).await, before);

    let mut other = Harness::start(subject).await;
    let mut other_link = other.first_link().await;
    delete(&mut link, &app).await;
    let theirs = !remove(&mut other_link, volume).await;
    assert!(theirs, "another runner does not remove it");
    other.finish(other_link, &[]).await;

    // A command of an older link is refused; the next frame shows that it was received.
    let older = ServerFrame::RemoveVolumes {
        epoch: link.epoch - 1,
        volume_ids: vec![volume],
    };
    link.send(older).await;
    let never_made = remove(&mut link, new_volume()).await;
    assert!(never_made, "what is not there is gone");

    runs_once(&harness, &mut link, volume, "kept 2").await;
    assert!(remove(&mut link, volume).await);
    assert!(
        remove(&mut link, volume).await,
        "asked again it says so again"
    );

    runs_once(&harness, &mut link, volume, "kept 1").await;
    assert!(remove(&mut link, volume).await);
    harness.finish(link, &[]).await;
}

/// A volume that was used and no longer exists is lost.
///
/// Nothing starts with an empty one in its place until the server allows it.
pub async fn a_volume_that_was_lost_is_never_replaced_by_an_empty_one_unasked<S: Subject>(
    subject: &S,
) {
    if !subject.runner().await.capabilities().volumes {
        return;
    }
    let mut harness = Harness::start(subject).await;
    let mut link = harness.first_link().await;
    let volume = new_volume();
    let app = with(&harness.workload(App::Keeps, None), volume);
    let (app, _) = harness.deploy(&mut link, &app).await;
    prints(&mut link, "kept 1").await;
    let stopped = next(&app, |app| app.desired = DesiredState::Stopped);
    link.change(&stopped).await;
    link.observed("that nothing runs", app.deployment_id, <[_]>::is_empty)
        .await;
    subject.lose(volume).await;

    let app = next(&stopped, |app| app.desired = DesiredState::Running);
    link.change(&app).await;
    is_lost(&mut link, &app, volume).await;

    link.cut();
    harness.restart_runner().await;
    let (mut link, _) = harness.next_link().await;
    link.set_desired(std::slice::from_ref(&app)).await;
    is_lost(&mut link, &app, volume).await;

    let mut newer = newer(&app, |_| {});
    newer.release.as_mut().expect("it has one").expect_all();
    link.change(&newer).await;
    let reports = link.reports(release_id(&newer)).await;
    let failure = reports.last().and_then(|report| report.failure.clone());
    let failure = failure.expect("it says why");
    assert_eq!(
        (failure.fault, failure.code.clone()),
        (Fault::Platform, FailureCode::VolumeLost)
    );
    let back = next(&newer, |back| back.release.clone_from(&app.release));
    link.change(&back).await;
    is_lost(&mut link, &back, volume).await;

    // A person gave the volume up, which does not change the generation.
    let mut empty = back.clone();
    let release = empty.release.as_mut().expect("it has one");
    release.expected_volumes.clear();
    link.change(&empty).await;
    harness.runs(&mut link, &empty).await;
    prints(&mut link, "kept 1").await;
    link.no_error(empty.deployment_id).await;
    delete(&mut link, &empty).await;
    assert!(remove(&mut link, volume).await);
    harness.finish(link, &[]).await;
}

/// Receives every report of a lost volume; checks that nothing was created.
async fn is_lost(link: &mut Link, workload: &Workload, volume: VolumeId) {
    link.until("that the volume is lost", |frame| match frame {
        RunnerFrame::VolumeLost { volume_id } => (*volume_id == volume).then_some(()),
        _ => None,
    })
    .await;
    let error = link
        .error(workload.deployment_id, FailureCode::VolumeLost)
        .await;
    assert_eq!(error.failure.fault, Fault::Platform);
    for part in [DATA, &volume.to_string()] {
        let message = &error.failure.message;
        assert!(message.contains(part), "{part} is not in {message}");
    }
    assert_eq!(link.observation(workload.deployment_id), []);
}

/// A runner without volumes says so before anyone loses data.
pub async fn a_runner_reports_its_capabilities<S: Subject>(subject: &S) {
    let mut harness = Harness::start(subject).await;
    let mut link = harness.first_link().await;
    let about = harness.server.about.clone().expect("it introduced itself");
    let capabilities = subject.runner().await.capabilities();
    assert_eq!(
        (about.volumes, about.tags, about.private_networks),
        (
            capabilities.volumes,
            capabilities.tags,
            capabilities.private_networks
        )
    );
    if !capabilities.volumes {
        let app = with(&harness.workload(App::Mute, None), new_volume());
        link.change(&app).await;
        let reports = link.reports(release_id(&app)).await;
        let failure = reports.last().and_then(|report| report.failure.clone());
        let failure = failure.expect("it says why");
        assert_eq!(
            (failure.fault, failure.code.clone()),
            (Fault::User, FailureCode::VolumesUnsupported)
        );
    }
    harness.finish(link, &[]).await;
}
