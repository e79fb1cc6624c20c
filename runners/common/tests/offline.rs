//! The fake runner on its own: its server is away, or sends odd things.

#![expect(
    clippy::unwrap_used,
    reason = "tests, and what they are made of, speak by panics"
)]

use std::{fs, time::Duration};

use models::{
    RunnerId, VolumeId,
    deployment::{DesiredState, FailureCode, Instance, ReleasePhase, VolumeMount},
    runner::{ServerFrame, Workload},
    value::{ContainerPath, SecretText},
};
use runner_common::{
    InstanceKey, InstancePlatform, InstanceSpec, PlatformInstance, PlatformState, RunnerError,
    StateFolder, StateKey,
    conformance::{
        App, DATA, Harness, Link, PATIENCE, PORT, fake::FakePlatform, harness::*,
        read_state as copy,
    },
};
use tokio::time::{sleep, timeout};
use uuid::Uuid;

type FakeHarness<'a> = Harness<'a, FakePlatform>;

fn is_up(seen: &[PlatformInstance]) -> bool {
    matches!(seen, [only] if only.state == PlatformState::Running)
}

/// Starts a runner with a saved state, its link, and a running app.
async fn one_runs(platform: &FakePlatform) -> (FakeHarness<'_>, Link, Workload, Instance) {
    let mut harness = Harness::start_with_state(platform).await;
    let mut link = harness.first_link().await;
    let app = harness.workload(App::Web, Some(PORT));
    let (app, before) = harness.deploy(&mut link, &app).await;
    (harness, link, app, before)
}

/// Stops the runner in order; the server does not come back.
async fn stops(harness: &mut FakeHarness<'_>, link: Link) {
    harness.stop_runner().await;
    link.cut();
}

/// Waits until the runner has saved its desired state.
async fn kept(harness: &FakeHarness<'_>, before: &[u8]) -> Vec<u8> {
    let path = harness.state_folder().join("state");
    let writing = async {
        loop {
            match fs::read(&path) {
                Ok(now) if now != before => return now,
                _ => sleep(Duration::from_millis(5)).await,
            }
        }
    };
    timeout(PATIENCE, writing).await.unwrap()
}

#[tokio::test]
async fn an_app_that_crashes_while_the_server_is_away_is_started_again_and_again() {
    let platform = FakePlatform::default();
    let (mut harness, link, app, before) = one_runs(&platform).await;
    stops(&mut harness, link).await;
    harness.start_runner_alone().await;
    let mut started_at = before.started_at;
    for _ in 0..3 {
        harness.kill(&app, before.instance_id).await;
        let again = |seen: &[PlatformInstance]| is_up(seen) && seen[0].started_at > started_at;
        let seen = harness
            .observed_on_platform("it again", app.deployment_id, again)
            .await;
        started_at = seen[0].started_at;
    }
    // An instance that is gone from the platform is created again, from the same image.
    platform.vanish(before.instance_id);
    let another =
        |seen: &[PlatformInstance]| is_up(seen) && seen[0].key.instance_id != before.instance_id;
    harness
        .observed_on_platform("another one", app.deployment_id, another)
        .await;
}

#[tokio::test]
async fn a_killed_runner_has_saved_the_desired_state() {
    let platform = FakePlatform::default();
    let mut harness = Harness::start_with_state(&platform).await;
    let mut link = harness.first_link().await;
    let app = now_live(&harness.workload(App::Web, Some(PORT)));
    let before = kept(&harness, &[]).await;
    link.change(&app).await;
    harness.runs(&mut link, &app).await;
    kept(&harness, &before).await;
    // No goodbye: the process is gone.
    harness.start_runner_alone().await;
    platform.vanish(link.observation(app.deployment_id)[0].instance_id);
    harness
        .observed_on_platform("it again", app.deployment_id, is_up)
        .await;
}

#[tokio::test]
async fn deleted_deployments_are_removed_from_the_cached_state_too() {
    let platform = FakePlatform::default();
    let mut harness = Harness::start_with_state(&platform).await;
    let mut link = harness.first_link().await;
    let app = harness.workload(App::Web, Some(PORT));
    let (app, _) = harness.deploy(&mut link, &app).await;
    let folder = StateFolder {
        path: harness.state_folder(),
        key: StateKey::from_token(&SecretText::new(harness.server.token())),
    };
    let known = async |count: usize| {
        let waiting = async {
            while copy(&folder).is_none_or(|all| all.len() != count) {
                sleep(Duration::from_millis(5)).await;
            }
        };
        timeout(PATIENCE, waiting).await.unwrap();
    };
    known(1).await;
    link.change(&next(&app, |app| app.desired = DesiredState::Deleted))
        .await;
    known(0).await;
    harness.finish(link, &[]).await;
}

#[tokio::test]
async fn instances_missing_from_the_cached_state_stay_until_the_server_is_heard() {
    let platform = FakePlatform::default();
    let mut harness = Harness::start_with_state(&platform).await;
    let mut link = harness.first_link().await;
    let older = kept(&harness, &[]).await;
    let app = harness.workload(App::Web, Some(PORT));
    let (app, before) = harness.deploy(&mut link, &app).await;
    stops(&mut harness, link).await;
    // As if it had died before it could save.
    fs::write(harness.state_folder().join("state"), older).unwrap();
    harness.start_runner_alone().await;
    sleep(Duration::from_millis(300)).await;
    assert!(platform.has(before.instance_id));
    harness.restart_runner().await;
    let (mut link, _) = harness.next_link().await;
    link.set_desired(&[]).await;
    link.observed("that it is gone", app.deployment_id, <[_]>::is_empty)
        .await;
}

#[tokio::test]
async fn a_copy_that_does_not_open_is_as_none() {
    let platform = FakePlatform::default();
    let (mut harness, link, app, before) = one_runs(&platform).await;
    stops(&mut harness, link).await;
    fs::write(harness.state_folder().join("state"), "garbage").unwrap();
    harness.kill(&app, before.instance_id).await;
    harness.start_runner_alone().await;
    sleep(Duration::from_millis(300)).await;
    let is_down = |seen: &[PlatformInstance]| matches!(seen, [only] if matches!(only.state, PlatformState::Exited { .. }));
    harness
        .observed_on_platform("it, still down", app.deployment_id, is_down)
        .await;

    harness.restart_runner().await;
    let (mut link, _) = harness.next_link().await;
    link.set_desired(std::slice::from_ref(&app)).await;
    harness.runs(&mut link, &app).await;
    harness.finish(link, &[&app]).await;
}

#[tokio::test]
async fn older_generations_are_refused_after_a_restart_too() {
    let platform = FakePlatform::default();
    let mut harness = Harness::start_with_state(&platform).await;
    let mut link = harness.first_link().await;
    let app = next(&harness.workload(App::Web, Some(PORT)), |app| {
        app.generation = 5;
    });
    let (app, before) = harness.deploy(&mut link, &app).await;
    harness.stop_runner().await;
    let epoch = link.epoch;
    link.cut();

    harness.restart_runner().await;
    let (mut link, _) = harness.next_link().await;
    link.send(ServerFrame::DesiredState {
        epoch: epoch - 1,
        workloads: Vec::new(),
        more: false,
    })
    .await;
    let mut late = app.clone();
    late.generation = 4;
    late.desired = DesiredState::Deleted;
    link.change(&late).await;
    let other = harness.workload(App::Mute, None);
    let (other, _) = harness.deploy(&mut link, &other).await;
    assert_eq!(harness.runs(&mut link, &app).await, before);
    harness.finish(link, &[&app, &other]).await;
}

/// Returns the same app with another release.
fn newer(app: &Workload) -> Workload {
    next(app, |app| {
        let spec = app.release.as_ref().map(|release| release.spec.clone());
        app.release = spec.map(release);
    })
}

#[tokio::test]
async fn a_rollout_waits_for_the_server_and_the_old_release_runs_on() {
    let platform = FakePlatform::default();
    let (mut harness, mut link, app, before) = one_runs(&platform).await;
    platform.break_it(|faults| faults.slow_start = Duration::from_hours(1));
    let newer = newer(&app);
    link.change(&newer).await;
    let both = |seen: &[Instance]| seen.len() == 2;
    link.observed("a half-made one", app.deployment_id, both)
        .await;
    stops(&mut harness, link).await;
    platform.break_it(|faults| faults.slow_start = Duration::ZERO);
    harness.kill(&app, before.instance_id).await;

    harness.start_runner_alone().await;
    let as_before =
        |seen: &[PlatformInstance]| is_up(seen) && seen[0].key.instance_id == before.instance_id;
    harness
        .observed_on_platform("what ran before", app.deployment_id, as_before)
        .await;

    // The server still waits for it: it rolls out now, from the beginning.
    harness.restart_runner().await;
    let (mut link, _) = harness.next_link().await;
    link.set_desired(std::slice::from_ref(&newer)).await;
    let reports = link.reports(release_id(&newer)).await;
    assert_eq!(reports[0].phase, ReleasePhase::Pulling);
    assert_eq!(reports.last().unwrap().phase, ReleasePhase::Live);
    harness.finish(link, &[&newer]).await;
}

fn with_volume(mut app: Workload, volume_id: VolumeId) -> Workload {
    let release = app.release.as_mut().unwrap();
    release.spec.volumes = vec![VolumeMount {
        volume_id,
        path: ContainerPath::trusted(DATA),
    }];
    app
}

#[tokio::test]
async fn the_old_instance_is_restored_when_a_rollout_fails_offline() {
    let platform = FakePlatform::default();
    let mut harness = Harness::start(&platform).await;
    let mut link = harness.first_link().await;
    let volume = VolumeId::from_uuid(Uuid::now_v7());
    let app = with_volume(harness.workload(App::Keeps, None), volume);
    let (app, _) = harness.deploy(&mut link, &app).await;
    platform.break_it(|faults| {
        faults.slow_start = Duration::from_millis(300);
        let wrong = RunnerError::user(FailureCode::CommandNotRunnable, "There is no such command.");
        faults.starts.push_back(wrong);
    });
    let worse = newer(&app);
    link.change(&worse).await;
    let made_room =
        |seen: &[Instance]| matches!(seen, [only] if only.release_id == release_id(&worse));
    link.observed("the attempt alone", app.deployment_id, made_room)
        .await;
    link.cut();
    let is_back =
        |seen: &[PlatformInstance]| is_up(seen) && seen[0].key.release_id == release_id(&app);
    let back = harness
        .observed_on_platform("what ran before", app.deployment_id, is_back)
        .await;
    platform.break_it(|faults| faults.slow_start = Duration::ZERO);
    harness.kill(&app, back[0].key.instance_id).await;
    harness
        .observed_on_platform("it again", app.deployment_id, is_back)
        .await;

    // The server hears of the failure, and its next state changes nothing.
    let (mut link, _) = harness.next_link().await;
    link.set_desired(std::slice::from_ref(&worse)).await;
    let reports = link.reports(release_id(&worse)).await;
    assert_eq!(reports.last().unwrap().phase, ReleasePhase::Failed);
    let app = next(&worse, |worse| worse.release.clone_from(&app.release));
    link.change(&app).await;
    let now = harness.runs(&mut link, &app).await;
    assert_eq!(now.instance_id, back[0].key.instance_id);
    harness.finish(link, &[&app]).await;
}

#[tokio::test]
async fn a_release_that_went_live_unheard_stays_when_the_runner_starts_alone() {
    let platform = FakePlatform::default();
    let mut harness = Harness::start_with_state(&platform).await;
    let mut link = harness.first_link().await;
    let app = harness.workload(App::Web, Some(PORT));
    let (app, _) = harness.deploy(&mut link, &app).await;
    let newer = newer(&app);
    link.change(&newer).await;
    link.live(release_id(&newer)).await;
    let after = harness.runs(&mut link, &newer).await;
    // The server does not acknowledge it.
    stops(&mut harness, link).await;
    harness.kill(&newer, after.instance_id).await;

    harness.start_runner_alone().await;
    let is_back =
        |seen: &[PlatformInstance]| is_up(seen) && seen[0].key.instance_id == after.instance_id;
    harness
        .observed_on_platform("the newer one", newer.deployment_id, is_back)
        .await;

    harness.restart_runner().await;
    let (mut link, _) = harness.next_link().await;
    link.set_desired(std::slice::from_ref(&newer)).await;
    link.live(release_id(&newer)).await;
    let now = harness.runs(&mut link, &newer).await;
    assert_eq!(now.instance_id, after.instance_id);
    harness.finish(link, &[&newer]).await;
}

#[tokio::test]
async fn unwanted_instances_are_removed_without_the_server_too() {
    let platform = FakePlatform::default();
    let mut harness = Harness::start_with_state(&platform).await;
    let mut link = harness.first_link().await;
    let app = harness.workload(App::Mute, None);
    let (app, before) = harness.deploy(&mut link, &app).await;
    let down = next(&app, |app| app.desired = DesiredState::Stopped);
    link.change(&down).await;
    link.observed("that nothing runs", app.deployment_id, <[_]>::is_empty)
        .await;
    harness.stop_runner().await;
    link.cut();
    // As if the process had died before the instance was down.
    let left = InstanceSpec {
        key: InstanceKey {
            runner_id: harness.server.runner_id,
            deployment_id: app.deployment_id,
            release_id: before.release_id,
            instance_id: before.instance_id,
            attempt: None,
        },
        spec: app.release.clone().unwrap().spec,
        image_digest: platform.digest(),
        expected_volumes: Vec::new(),
        network: None,
    };
    let runner = harness.observer().await;
    runner.create(&left).await.unwrap();
    runner.start(&left.key).await.unwrap();

    harness.start_runner_alone().await;
    harness
        .observed_on_platform("that nothing runs", app.deployment_id, <[_]>::is_empty)
        .await;
}

#[tokio::test]
async fn a_disk_that_takes_nothing_stops_nothing_and_is_tried_again() {
    let platform = FakePlatform::default();
    let mut harness = Harness::start_with_state(&platform).await;
    let mut link = harness.first_link().await;
    kept(&harness, &[]).await;
    fs::remove_dir_all(harness.state_folder()).unwrap();
    fs::write(harness.state_folder(), "in the way").unwrap();
    let app = harness.workload(App::Web, Some(PORT));
    let (app, before) = harness.deploy(&mut link, &app).await;
    // Long enough for the last change to have failed too, so that only a retry can help.
    sleep(Duration::from_millis(300)).await;
    fs::remove_file(harness.state_folder()).unwrap();
    kept(&harness, &[]).await;
    stops(&mut harness, link).await;
    harness.kill(&app, before.instance_id).await;
    harness.start_runner_alone().await;
    harness
        .observed_on_platform("it again", app.deployment_id, is_up)
        .await;
}

#[tokio::test]
async fn a_runner_whose_state_a_person_removed_starts_afresh() {
    let platform = FakePlatform::default();
    let mut harness = Harness::start_with_state(&platform).await;
    let mut link = harness.first_link().await;
    let app = harness.workload(App::Web, Some(PORT));
    let (_, before) = harness.deploy(&mut link, &app).await;
    stops(&mut harness, link).await;

    fs::remove_dir_all(harness.state_folder()).unwrap();
    harness.server.runner_id = RunnerId::from_uuid(Uuid::now_v7());
    harness.restart_runner().await;
    let mut link = harness.first_link().await;
    let other = harness.workload(App::Mute, None);
    let (other, _) = harness.deploy(&mut link, &other).await;
    harness.finish(link, &[&other]).await;
    assert!(platform.has(before.instance_id), "that is another one's");
}
