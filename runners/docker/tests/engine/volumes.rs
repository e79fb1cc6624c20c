//! Volumes on the engine: their form and their owners.

use std::{collections::HashMap, fs, path::PathBuf};

use bollard::{
    models::VolumeCreateRequest,
    query_parameters::{RemoveVolumeOptions, RemoveVolumeOptionsBuilder},
};
use models::{
    RunnerId, VolumeId,
    deployment::{DesiredState, FailureCode, VolumeMount},
    runner::{RunnerFrame, RunnerSpec, ServerFrame, Workload},
    time::Timestamp,
    value::{ContainerPath, ImageReference},
};
use runner_common::{
    InstanceKey, InstancePlatform, InstanceSpec, PullProgress,
    conformance::{
        App, DATA, Harness, Link, Subject,
        harness::{next, release, release_id},
    },
};
use uuid::Uuid;

use crate::{platform::Engine, test_image};

fn with_volume(mut workload: Workload, volume_id: VolumeId) -> Workload {
    if let Some(release) = &mut workload.release {
        release.spec.volumes = vec![VolumeMount {
            volume_id,
            path: ContainerPath::trusted(DATA),
        }];
    }
    workload
}

/// Returns the runner's answer to a removal: `None`, or the reason why it failed.
async fn remove(link: &mut Link, volume: VolumeId) -> Option<FailureCode> {
    let epoch = link.epoch;
    let volume_ids = vec![volume];
    link.send(ServerFrame::RemoveVolumes { epoch, volume_ids })
        .await;
    link.until("what became of the volume", |frame| match frame {
        RunnerFrame::VolumeRemoved { .. } => Some(None),
        RunnerFrame::VolumeRemovalFailed { failure, .. } => Some(Some(failure.code.clone())),
        _ => None,
    })
    .await
}

#[tokio::test]
async fn a_volume_is_named_and_labelled_and_outlives_its_container() {
    let Some(engine) = Engine::if_wanted().await else {
        return eprintln!("skipped: there is no platform");
    };
    let mut harness = Harness::start(&engine).await;
    let mut link = harness.first_link().await;
    let volume = VolumeId::from_uuid(Uuid::now_v7());
    let app = with_volume(harness.workload(App::Keeps, None), volume);
    let (app, _) = harness.deploy(&mut link, &app).await;
    let name = format!("berth-{volume}");
    let found = engine.docker.inspect_volume(&name).await.unwrap();
    let runner = harness.server.runner_id.to_string();
    assert_eq!(found.driver, "local");
    assert_eq!(found.labels.get("dev.berth.runner"), Some(&runner));
    let labelled = found.labels.get("dev.berth.volume");
    assert_eq!(labelled, Some(&volume.to_string()));

    // Not even the engine removes it while a container has it.
    let forced = RemoveVolumeOptionsBuilder::default().force(true).build();
    let refused = engine.docker.remove_volume(&name, Some(forced)).await;
    assert!(refused.is_err());
    let deleted = next(&app, |app| app.desired = DesiredState::Deleted);
    link.change(&deleted).await;
    link.until("that it is removed", |frame| {
        matches!(frame, RunnerFrame::Removed { .. }).then_some(())
    })
    .await;
    assert!(engine.docker.inspect_volume(&name).await.is_ok());
    assert_eq!(remove(&mut link, volume).await, None);
    assert!(engine.docker.inspect_volume(&name).await.is_err());
    harness.finish(link, &[]).await;
}

#[tokio::test]
async fn a_volume_that_the_runner_did_not_make_is_neither_used_nor_removed() {
    let Some(engine) = Engine::if_wanted().await else {
        return eprintln!("skipped: there is no platform");
    };
    let mut harness = Harness::start(&engine).await;
    let mut link = harness.first_link().await;
    let volume = VolumeId::from_uuid(Uuid::now_v7());
    let name = format!("berth-{volume}");
    let somebodys = VolumeCreateRequest {
        name: Some(name.clone()),
        labels: Some(HashMap::from([(
            "dev.berth.volume".to_owned(),
            volume.to_string(),
        )])),
        ..VolumeCreateRequest::default()
    };
    engine.docker.create_volume(somebodys).await.unwrap();
    let app = with_volume(harness.workload(App::Mute, None), volume);
    link.change(&app).await;
    let reports = link.reports(release_id(&app)).await;
    let failure = reports.last().and_then(|report| report.failure.clone());
    assert_eq!(failure.unwrap().code, FailureCode::VolumeForeign);
    link.set_desired(&[]).await;
    let why = loop {
        // Until the runner has received that nothing needs it any more.
        match remove(&mut link, volume).await {
            Some(FailureCode::VolumeBusy) => {}
            why => break why,
        }
    };
    assert_eq!(why, Some(FailureCode::VolumeForeign));
    assert!(engine.docker.inspect_volume(&name).await.is_ok());
    let removed = engine
        .docker
        .remove_volume(&name, None::<RemoveVolumeOptions>);
    removed.await.unwrap();
    harness.finish(link, &[]).await;
}

#[tokio::test]
async fn a_volume_of_the_images_own_hides_nothing_of_a_mounted_one() {
    let Some(engine) = Engine::if_wanted().await else {
        return eprintln!("skipped: there is no platform");
    };
    test_image::make_with_volumes(&engine.docker).await;
    let mut harness = Harness::start(&engine).await;
    let mut link = harness.first_link().await;
    let volume = VolumeId::from_uuid(Uuid::now_v7());
    let mut app = with_volume(harness.workload(App::Keeps, None), volume);
    let spec = &mut app.release.as_mut().unwrap().spec;
    spec.image = ImageReference::trusted(test_image::WITH_VOLUMES);
    link.change(&app).await;
    let reports = link.reports(release_id(&app)).await;
    let failure = reports.last().and_then(|report| report.failure.clone());
    let failure = failure.unwrap();
    assert_eq!(failure.code, FailureCode::VolumeHiddenByImage);
    let named = failure.message.contains("Mount the volume at /data/inner");
    assert!(named, "{}", failure.message);
    let made = engine
        .docker
        .inspect_volume(&format!("berth-{volume}"))
        .await;
    assert!(made.is_err(), "nothing was made for it");

    // As the report says.
    let mut spec = app.release.clone().unwrap().spec;
    spec.volumes[0].path = ContainerPath::trusted("/data/inner");
    let app = next(&app, |app| app.release = Some(release(spec)));
    let (app, _) = harness.deploy(&mut link, &app).await;
    let deleted = next(&app, |app| app.desired = DesiredState::Deleted);
    link.change(&deleted).await;
    link.until("that it is removed", |frame| {
        matches!(frame, RunnerFrame::Removed { .. }).then_some(())
    })
    .await;
    assert_eq!(remove(&mut link, volume).await, None);
    harness.finish(link, &[]).await;
}

#[tokio::test]
async fn a_volume_whose_folder_is_gone_is_lost_until_it_is_back_or_given_up() {
    let Some(engine) = Engine::if_wanted().await else {
        return eprintln!("skipped: there is no platform");
    };
    let mut harness = Harness::start(&engine).await;
    let mut link = harness.first_link().await;
    let volume = VolumeId::from_uuid(Uuid::now_v7());
    let app = with_volume(harness.workload(App::Keeps, None), volume);
    let (app, before) = harness.deploy(&mut link, &app).await;
    prints(&mut link, "kept 1").await;

    // The engine still lists the volume and lets the container go on with it.
    let found = engine
        .docker
        .inspect_volume(&format!("berth-{volume}"))
        .await;
    let folder = PathBuf::from(found.unwrap().mountpoint);
    let folder = folder.parent().unwrap();
    let away = folder.with_extension("away");
    fs::rename(folder, &away).unwrap();
    harness.kill(&app, before.instance_id).await;
    link.error(app.deployment_id, FailureCode::VolumeLost).await;
    // A killed app leaves its lock behind.
    fs::remove_dir(away.join("_data/lock")).unwrap();
    fs::rename(&away, folder).unwrap();
    assert_eq!(
        harness.runs(&mut link, &app).await.instance_id,
        before.instance_id
    );
    prints(&mut link, "kept 2").await;

    let stopped = next(&app, |app| app.desired = DesiredState::Stopped);
    link.change(&stopped).await;
    link.observed("that nothing runs", app.deployment_id, <[_]>::is_empty)
        .await;
    fs::remove_dir_all(folder).unwrap();
    let mut app = next(&stopped, |app| app.desired = DesiredState::Running);
    link.change(&app).await;
    link.error(app.deployment_id, FailureCode::VolumeLost).await;
    assert!(!folder.exists(), "something was made in its place");
    app.release.as_mut().unwrap().expected_volumes.clear();
    link.change(&app).await;
    prints(&mut link, "kept 1").await;
    link.set_desired(&[]).await;
    link.observed("its end", app.deployment_id, <[_]>::is_empty)
        .await;
    assert_eq!(remove(&mut link, volume).await, None);
    harness.finish(link, &[]).await;
}

#[tokio::test]
async fn an_expected_volume_is_never_created_even_before_the_first_check() {
    let Some(engine) = Engine::if_wanted().await else {
        return eprintln!("skipped: there is no platform");
    };
    let runner = engine.runner().await;
    let [volume, instance] = [(); 2].map(|()| Uuid::now_v7());
    let image = engine.image();
    let (progress, _) = PullProgress::new();
    let pulled = runner.pull(&image, None, None, &progress).await.unwrap();
    let workload = RunnerSpec {
        volumes: vec![VolumeMount {
            volume_id: volume.into(),
            path: ContainerPath::trusted(DATA),
        }],
        ..App::Mute.spec(image, None)
    };
    let instance = InstanceSpec {
        key: InstanceKey {
            runner_id: instance.into(),
            deployment_id: instance.into(),
            release_id: instance.into(),
            instance_id: instance.into(),
            attempt: None,
        },
        spec: workload,
        image_digest: pulled.digest,
        expected_volumes: vec![volume.into()],
        network: None,
    };
    let refused = runner.create(&instance).await.unwrap_err();
    assert_eq!(refused.code, FailureCode::VolumeLost);
    let left = runner.instances(instance.key.runner_id).await.unwrap();
    assert_eq!(left, []);
    let name = format!("berth-{volume}");
    assert!(engine.docker.inspect_volume(&name).await.is_err());
}

/// Receives until this is the app's newest line.
async fn prints(link: &mut Link, text: &str) {
    while link.lines.last().is_none_or(|line| line.text != text) {
        link.recv().await;
    }
}

#[tokio::test]
async fn a_retired_volume_keeps_its_data_and_shows_its_end() {
    let Some(engine) = Engine::if_wanted().await else {
        return eprintln!("skipped: there is no platform");
    };
    let mut harness = Harness::start(&engine).await;
    let mut link = harness.first_link().await;
    let volume = VolumeId::from_uuid(Uuid::now_v7());
    let app = with_volume(harness.workload(App::Keeps, None), volume);
    let (app, _) = harness.deploy(&mut link, &app).await;
    link.set_desired(&[]).await;
    link.observed("its end", app.deployment_id, <[_]>::is_empty)
        .await;
    harness.stop_runner().await;
    link.cut();
    harness.policy.keep_removed_days = None;
    harness.restart_runner().await;
    let mut link = harness.next_link().await.0;
    link.set_desired(&[]).await;
    assert_eq!(remove(&mut link, volume).await, None);

    let name = format!("berth-{volume}");
    let note = format!("{name}-retired");
    let owner = harness.server.runner_id;
    let runner = harness.observer().await;
    assert!(
        engine.docker.inspect_volume(&name).await.is_ok(),
        "its data is gone"
    );
    let noted = engine.docker.inspect_volume(&note).await.unwrap();
    assert!(
        noted.labels.contains_key("dev.berth.kept-until"),
        "{noted:?}"
    );
    let kept = runner.retired(owner).await.unwrap();
    assert_eq!(kept.len(), 1);
    assert_eq!(kept[0].volume_id, volume);
    // It keeps its first moment, and is in no other runner's trash.
    runner
        .retire_volume(owner, volume, Timestamp::from_micros(0))
        .await
        .unwrap();
    assert_eq!(runner.retired(owner).await.unwrap(), kept);
    let other = RunnerId::from_uuid(Uuid::now_v7());
    assert_eq!(runner.retired(other).await.unwrap(), []);
    assert!(
        runner
            .retire_volume(other, volume, kept[0].until)
            .await
            .is_err()
    );

    // An instance that names the volume takes it back.
    let again = with_volume(harness.workload(App::Keeps, None), volume);
    let (again, _) = harness.deploy(&mut link, &again).await;
    assert_eq!(runner.retired(owner).await.unwrap(), []);
    link.set_desired(&[]).await;
    link.observed("its end", again.deployment_id, <[_]>::is_empty)
        .await;

    // A volume whose retention ended goes, and its note with it.
    runner
        .retire_volume(owner, volume, Timestamp::from_micros(0))
        .await
        .unwrap();
    while engine.docker.inspect_volume(&note).await.is_ok() {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    assert!(engine.docker.inspect_volume(&name).await.is_err());
    harness.finish(link, &[]).await;
}
