//! Volumes, with a wrong server or a platform without them.

#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "tests speak by panics, and what is kept is kept by this clock"
)]

use std::time::Duration;

use models::{
    VolumeId,
    deployment::{DesiredState, FailureCode, Fault, ReleasePhase, VolumeMount},
    runner::{HostPolicy, RunnerFrame, ServerFrame, Workload},
    time::Timestamp,
    value::ContainerPath,
};
use runner_common::{
    InstancePlatform, RunnerError,
    conformance::{
        App, DATA, Harness, Subject,
        fake::FakePlatform,
        harness::{next, now_live, release, release_id},
    },
};
use tokio::time::sleep;
use uuid::Uuid;

fn with(mut workload: Workload, volume_id: VolumeId) -> Workload {
    let release = workload.release.as_mut().unwrap();
    release.spec.volumes = vec![VolumeMount {
        volume_id,
        path: ContainerPath::trusted(DATA),
    }];
    workload
}

#[tokio::test]
async fn a_volume_that_the_server_gives_to_two_deployments_stays_with_the_first() {
    let platform = FakePlatform::default();
    let mut harness = Harness::start(&platform).await;
    let mut link = harness.first_link().await;
    let volume = VolumeId::from_uuid(Uuid::now_v7());
    let first = with(harness.workload(App::Keeps, None), volume);
    let (first, before) = harness.deploy(&mut link, &first).await;
    let second = with(harness.workload(App::Keeps, None), volume);
    link.change(&second).await;
    let reports = link.reports(release_id(&second)).await;
    let failure = reports.last().and_then(|last| last.failure.clone());
    let failure = failure.unwrap();
    assert_eq!(
        (failure.fault, failure.code.clone()),
        (Fault::Platform, FailureCode::VolumeBusy)
    );
    assert_eq!(platform.created(), 1, "it was not even made");
    assert_eq!(harness.runs(&mut link, &first).await, before);
    harness.finish(link, &[&first]).await;
    assert!(platform.has_volume(volume), "nobody asked for its removal");
}

#[tokio::test]
async fn the_old_instance_is_restored_if_the_platform_has_no_volumes() {
    let platform = FakePlatform::default();
    platform.break_it(|faults| faults.keeps_no_volumes = true);
    let mut harness = Harness::start(&platform).await;
    let mut link = harness.first_link().await;
    let app = harness.workload(App::Mute, None);
    let (app, _) = harness.deploy(&mut link, &app).await;
    let volume = VolumeId::from_uuid(Uuid::now_v7());
    let worse = next(&app, |app| {
        let spec = app.release.as_ref().unwrap().spec.clone();
        app.release = Some(release(spec));
    });
    let worse = with(worse, volume);
    link.change(&worse).await;
    let reports = link.reports(release_id(&worse)).await;
    let failure = reports.last().and_then(|last| last.failure.clone());
    assert_eq!(failure.unwrap().code, FailureCode::VolumesUnsupported);
    let back = next(&worse, |back| back.release.clone_from(&app.release));
    link.change(&back).await;
    harness.runs(&mut link, &back).await;
    harness.finish(link, &[&back]).await;
}

#[tokio::test]
async fn a_release_without_its_image_leaves_the_old_instance_running() {
    let platform = FakePlatform::default();
    let mut harness = Harness::start(&platform).await;
    let mut link = harness.first_link().await;
    let volume = VolumeId::from_uuid(Uuid::now_v7());
    let app = with(harness.workload(App::Keeps, None), volume);
    let (app, before) = harness.deploy(&mut link, &app).await;
    let gone = || RunnerError::platform("registry_unreachable".into(), "The registry is away.");
    platform.break_it(|faults| {
        faults
            .pulls
            .extend(std::iter::repeat_with(gone).take(100_000));
    });
    // Live already: it went live while the runner was away.
    let other = now_live(&next(&app, |app| {
        let spec = app.release.as_ref().unwrap().spec.clone();
        app.release = Some(release(spec));
    }));
    link.change(&other).await;
    let asked = platform.pulls().len();
    while platform.pulls().len() < asked + 10 {
        sleep(Duration::from_millis(5)).await;
    }
    assert!(platform.has(before.instance_id));
    assert_eq!(platform.present(), 1);

    platform.break_it(|faults| faults.pulls.clear());
    harness.runs(&mut link, &other).await;
    assert_eq!(platform.created(), 2);
    harness.finish(link, &[&other]).await;
}

#[tokio::test]
async fn a_server_that_names_volumes_without_end_loses_the_link() {
    let platform = FakePlatform::default();
    let mut harness = Harness::start(&platform).await;
    let mut link = harness.first_link().await;
    let epoch = link.epoch;
    let many = |count| ServerFrame::RemoveVolumes {
        epoch,
        volume_ids: (0..count)
            .map(|_| VolumeId::from_uuid(Uuid::now_v7()))
            .collect(),
    };
    link.send(many(1_000)).await;
    link.until("what became of the last one", {
        let mut heard = 0;
        move |frame| {
            heard += usize::from(matches!(frame, RunnerFrame::VolumeRemoved { .. }));
            (heard == 1_000).then_some(())
        }
    })
    .await;
    link.send(many(1_001)).await;
    link.end().await;
    let (link, _) = harness.next_link().await;
    harness.finish(link, &[]).await;
}

#[tokio::test]
async fn a_volume_that_takes_long_holds_up_no_other() {
    let platform = FakePlatform::default();
    let mut harness = Harness::start(&platform).await;
    let mut link = harness.first_link().await;
    let volume = || VolumeId::from_uuid(Uuid::now_v7());
    let slow = with(harness.workload(App::Keeps, None), volume());
    platform.break_it(|faults| faults.slow_create = Duration::from_hours(1));
    link.change(&slow).await;
    link.until("that it is being made", |frame| match frame {
        RunnerFrame::Release(report) if report.phase == ReleasePhase::Starting => Some(()),
        _ => None,
    })
    .await;
    // It holds its lock for an hour, from shortly after this.
    sleep(Duration::from_millis(200)).await;
    platform.break_it(|faults| faults.slow_create = Duration::ZERO);
    let other = with(harness.workload(App::Keeps, None), volume());
    let (other, _) = harness.deploy(&mut link, &other).await;
    link.send(ServerFrame::RemoveVolumes {
        epoch: link.epoch,
        volume_ids: vec![volume()],
    })
    .await;
    link.until("that it is gone", |frame| {
        matches!(frame, RunnerFrame::VolumeRemoved { .. }).then_some(())
    })
    .await;
    harness.finish(link, &[&other]).await;
}

#[tokio::test]
async fn removed_volumes_stay_on_the_host_for_days() {
    let platform = FakePlatform::default();
    let mut harness = Harness::start(&platform).await;
    let mut link = harness.first_link().await;
    let [first, second] = [(); 2].map(|()| VolumeId::from_uuid(Uuid::now_v7()));
    for volume in [first, second] {
        let app = with(harness.workload(App::Keeps, None), volume);
        let (app, _) = harness.deploy(&mut link, &app).await;
        link.set_desired(&[]).await;
        link.observed("its end", app.deployment_id, <[_]>::is_empty)
            .await;
    }
    harness.stop_runner().await;
    link.cut();
    harness.policy = HostPolicy::default();
    harness.restart_runner().await;
    let mut link = harness.next_link().await.0;
    link.set_desired(&[]).await;
    // The second request changes nothing.
    for volume in [first, second, first] {
        link.send(ServerFrame::RemoveVolumes {
            epoch: link.epoch,
            volume_ids: vec![volume],
        })
        .await;
        link.until("that it is gone", |frame| {
            matches!(frame, RunnerFrame::VolumeRemoved { volume_id } if *volume_id == volume)
                .then_some(())
        })
        .await;
        assert!(!platform.has_volume(volume), "nobody has it any more");
    }
    let until = platform.kept_until(first).unwrap();
    let days = until.millis_since(now()) / (24 * 3_600_000);
    assert!((6..=7).contains(&days), "{days} days");

    // Its retention has not ended, and a deployment that names it finds its data.
    let again = with(harness.workload(App::Keeps, None), first);
    let (again, _) = harness.deploy(&mut link, &again).await;
    assert!(platform.has_volume(first));
    assert_eq!(platform.kept_until(first), None);
    link.set_desired(&[]).await;
    link.observed("its end", again.deployment_id, <[_]>::is_empty)
        .await;
    assert!(platform.kept_until(second).is_some());
    platform.let_time_pass(second);
    while platform.kept_until(second).is_some() {
        sleep(Duration::from_millis(10)).await;
    }
    assert!(platform.has_volume(first), "nobody asked for its removal");
    harness.finish(link, &[]).await;
}

#[tokio::test]
async fn an_app_whose_volume_is_lost_is_not_started_again_and_goes_on_once_it_is_back() {
    let platform = FakePlatform::default();
    let mut harness = Harness::start(&platform).await;
    let mut link = harness.first_link().await;
    let volume = VolumeId::from_uuid(Uuid::now_v7());
    let app = with(harness.workload(App::Keeps, None), volume);
    let (app, before) = harness.deploy(&mut link, &app).await;
    platform.lose(volume).await;
    harness.kill(&app, before.instance_id).await;
    let first = link.error(app.deployment_id, FailureCode::VolumeLost).await;
    assert!(first.next_try_at.is_some(), "it keeps looking");

    platform.bring_back(volume);
    harness.runs(&mut link, &app).await;
    assert_eq!(platform.created(), 1, "the same instance was started again");
    // "kept 2" shows that it is the previous volume.
    while link.lines.last().is_none_or(|line| line.text != "kept 2") {
        link.recv().await;
    }
    harness.finish(link, &[&app]).await;
}

#[tokio::test]
async fn a_release_without_its_volume_leaves_the_old_instance_running() {
    let platform = FakePlatform::default();
    let mut harness = Harness::start(&platform).await;
    let mut link = harness.first_link().await;
    let (before, running) = harness
        .deploy(&mut link, &harness.workload(App::Mute, None))
        .await;
    let lost = VolumeId::from_uuid(Uuid::now_v7());
    let spec = harness.workload(App::Keeps, None).release.unwrap().spec;
    let mut newer = with(next(&before, |app| app.release = Some(release(spec))), lost);
    newer.release.as_mut().unwrap().expect_all();
    link.change(&newer).await;
    let reports = link.reports(release_id(&newer)).await;
    let failure = reports.last().and_then(|last| last.failure.clone());
    assert_eq!(failure.unwrap().code, FailureCode::VolumeLost);
    assert_eq!(platform.created(), 1, "nothing was made");

    // Nor for a release that was live at some time before.
    let live = next(&now_live(&newer), |_| {});
    link.change(&live).await;
    link.error(live.deployment_id, FailureCode::VolumeLost)
        .await;
    assert!(platform.has(running.instance_id));
    assert_eq!(platform.created(), 1);
    harness.finish(link, &[&live]).await;
}

#[tokio::test]
async fn a_runner_without_its_server_expects_the_volumes_of_what_it_made_live() {
    let platform = FakePlatform::default();
    let mut harness = Harness::start_with_state(&platform).await;
    let mut link = harness.first_link().await;
    let volume = VolumeId::from_uuid(Uuid::now_v7());
    let app = with(harness.workload(App::Keeps, None), volume);
    link.change(&app).await;
    link.live(release_id(&app)).await;
    // The server never acknowledges it.
    link.cut();
    harness.stop_runner().await;
    let made = platform.created();
    let key = harness
        .observed_on_platform("that it runs", app.deployment_id, |seen| seen.len() == 1)
        .await[0]
        .key;
    harness.observer().await.remove(&key).await.unwrap();
    platform.lose(volume).await;
    harness.start_runner_alone().await;
    sleep(Duration::from_millis(500)).await;
    assert_eq!(
        platform.created(),
        made,
        "it was started with an empty volume"
    );
    platform.bring_back(volume);
    harness
        .observed_on_platform(
            "that it runs again",
            app.deployment_id,
            |seen| matches!(seen, [one] if one.state.is_up()),
        )
        .await;
}

#[tokio::test]
async fn a_volume_in_the_trash_of_the_host_is_not_lost() {
    let platform = FakePlatform::default();
    let mut harness = Harness::start(&platform).await;
    let mut link = harness.first_link().await;
    let volume = VolumeId::from_uuid(Uuid::now_v7());
    let app = with(harness.workload(App::Keeps, None), volume);
    let (app, _) = harness.deploy(&mut link, &app).await;
    let stopped = next(&app, |app| app.desired = DesiredState::Stopped);
    link.change(&stopped).await;
    link.observed("that nothing runs", app.deployment_id, <[_]>::is_empty)
        .await;
    let owner = harness.server.runner_id;
    let until = now().plus_millis(3_600_000);
    let runner = harness.observer().await;
    runner.retire_volume(owner, volume, until).await.unwrap();
    let again = next(&stopped, |app| app.desired = DesiredState::Running);
    link.change(&again).await;
    harness.runs(&mut link, &again).await;
    assert!(platform.has_volume(volume));
    harness.finish(link, &[&again]).await;
}

fn now() -> Timestamp {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    Timestamp::from_micros(since.unwrap().as_micros().try_into().unwrap())
}
