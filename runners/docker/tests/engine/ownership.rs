//! Ownership on an engine.

use std::fs;

use bollard::{
    models::{
        ContainerCreateBody, NetworkConnectRequest, NetworkDisconnectRequest, VolumeCreateRequest,
    },
    query_parameters::{
        CreateContainerOptionsBuilder, RemoveContainerOptionsBuilder, RemoveVolumeOptions,
        StartContainerOptions,
    },
};
use models::{
    VolumeId,
    deployment::{Instance, InstanceState, VolumeMount},
    runner::{ServerFrame, Workload},
    value::ContainerPath,
};
use runner_common::{
    InstanceKey,
    conformance::{App, DATA, Harness, Link, PORT, harness::*},
};
use uuid::Uuid;

use crate::platform::Engine;

const MARK: &str = "dev.berth.mark";

type EngineHarness<'a> = Harness<'a, Engine>;

fn key(harness: &EngineHarness<'_>, app: &Workload, instance: &Instance) -> InstanceKey {
    InstanceKey {
        runner_id: harness.server.runner_id,
        deployment_id: app.deployment_id,
        release_id: instance.release_id,
        instance_id: instance.instance_id,
        attempt: None,
    }
}

/// Deploys an app with a volume.
async fn deployed(
    harness: &EngineHarness<'_>,
    link: &mut Link,
    volume_id: VolumeId,
) -> (Workload, Instance) {
    let mut app = harness.workload(App::Web, Some(PORT));
    app.release.as_mut().unwrap().spec.volumes = vec![VolumeMount {
        volume_id,
        path: ContainerPath::trusted(DATA),
    }];
    harness.deploy(link, &app).await
}

/// Replaces a container and its volume with unmarked ones, as older versions made.
async fn unmark(engine: &Engine, key: &InstanceKey, volume_id: VolumeId) {
    let docker = &engine.docker;
    let id = engine.container(key).await;
    let found = docker.inspect_container(&id, None).await.unwrap();
    let name = found.name.unwrap().trim_start_matches('/').to_owned();
    let config = found.config.unwrap();
    let mut labels = config.labels.unwrap();
    labels.remove(MARK).expect("it bore a mark");
    let force = RemoveContainerOptionsBuilder::default().force(true).build();
    docker.remove_container(&id, Some(force)).await.unwrap();

    let volume = format!("berth-{volume_id}");
    let found_volume = docker.inspect_volume(&volume).await.unwrap();
    let mut volume_labels = found_volume.labels;
    volume_labels.remove(MARK).expect("it bore a mark");
    docker
        .remove_volume(&volume, None::<RemoveVolumeOptions>)
        .await
        .unwrap();
    let request = VolumeCreateRequest {
        name: Some(volume),
        labels: Some(volume_labels),
        ..VolumeCreateRequest::default()
    };
    docker.create_volume(request).await.unwrap();

    let body = ContainerCreateBody {
        image: config.image,
        entrypoint: config.entrypoint,
        cmd: config.cmd,
        env: config.env,
        exposed_ports: config.exposed_ports,
        labels: Some(labels),
        host_config: found.host_config,
        ..ContainerCreateBody::default()
    };
    let options = CreateContainerOptionsBuilder::default().name(&name).build();
    let made = docker.create_container(Some(options), body).await.unwrap();
    docker
        .start_container(&made.id, None::<StartContainerOptions>)
        .await
        .unwrap();
}

#[tokio::test]
async fn unmarked_objects_are_adopted_by_their_own_runner_only() {
    let Some(engine) = Engine::if_wanted().await else {
        return eprintln!("skipped: there is no platform");
    };
    let volume_id = VolumeId::from_uuid(Uuid::now_v7());
    let mut harness = Harness::start_with_state(&engine).await;
    let mut link = harness.first_link().await;
    let (app, before) = deployed(&harness, &mut link, volume_id).await;
    harness.stop_runner().await;
    link.cut();
    unmark(&engine, &key(&harness, &app, &before), volume_id).await;

    // A runner whose server names this one's id, with nothing of it in its own state.
    let mut other = Harness::start_with_state(&engine).await;
    other.server.runner_id = harness.server.runner_id;
    let mut hostile = other.first_link().await;
    hostile.set_desired(&[]).await;
    other.finish(hostile, &[]).await;

    // The older version had no such file.
    fs::remove_file(harness.state_folder().join("identity")).unwrap();
    harness.restart_runner().await;
    let (mut link, seen) = harness.next_link().await;
    assert_eq!(seen.len(), 1, "it lost its app");
    assert_eq!(seen[0].instances[0].instance_id, before.instance_id);
    link.set_desired(std::slice::from_ref(&app)).await;

    // The next release has the same volume, and new objects bear a mark.
    let newer = next(&app, |app| {
        let spec = app.release.as_ref().unwrap().spec.clone();
        app.release = Some(release(spec));
    });
    let (newer, after) = harness.deploy(&mut link, &newer).await;
    let container = engine.container(&key(&harness, &newer, &after)).await;
    let found = engine
        .docker
        .inspect_container(&container, None)
        .await
        .unwrap();
    assert!(found.config.unwrap().labels.unwrap().contains_key(MARK));
    link.set_desired(&[]).await;
    link.observed("its end", newer.deployment_id, <[_]>::is_empty)
        .await;
    link.send(ServerFrame::RemoveVolumes {
        epoch: link.epoch,
        volume_ids: vec![volume_id],
    })
    .await;
    link.until("that its volume is gone", |frame| {
        matches!(frame, models::runner::RunnerFrame::VolumeRemoved { .. }).then_some(())
    })
    .await;
    harness.finish(link, &[&newer]).await;
}

#[tokio::test]
async fn a_container_that_was_changed_by_hand_is_made_again() {
    let Some(engine) = Engine::if_wanted().await else {
        return eprintln!("skipped: there is no platform");
    };
    let mut harness = Harness::start(&engine).await;
    let mut link = harness.first_link().await;
    let app = harness.workload(App::Web, Some(PORT));
    let (app, mut before) = harness.deploy(&mut link, &app).await;
    for change in ["off its network", "onto another network", "its limits"] {
        let container = engine.container(&key(&harness, &app, &before)).await;
        change_by_hand(&engine, &container, change).await;
        let another = |seen: &[Instance]| {
            matches!(seen, [only] if only.instance_id != before.instance_id
                && only.state == InstanceState::Running)
        };
        let mut seen = link.observed(change, app.deployment_id, another).await;
        before = seen.remove(0);
        answers_soon(&before.ports).await;
    }
    harness.finish(link, &[&app]).await;
}

async fn change_by_hand(engine: &Engine, container: &str, change: &str) {
    let docker = &engine.docker;
    let container = container.to_owned();
    match change {
        "off its network" => {
            let found = docker.inspect_container(&container, None).await.unwrap();
            let networks = found.network_settings.unwrap().networks.unwrap();
            let network = networks.into_keys().next().unwrap();
            let request = NetworkDisconnectRequest {
                container,
                force: Some(true),
            };
            docker.disconnect_network(&network, request).await.unwrap();
        }
        "onto another network" => {
            let request = NetworkConnectRequest {
                container,
                endpoint_config: None,
            };
            docker.connect_network("bridge", request).await.unwrap();
        }
        _ => {
            let body = bollard::models::ContainerUpdateBody {
                memory: Some(64 << 20),
                memory_swap: Some(64 << 20),
                ..Default::default()
            };
            docker.update_container(&container, body).await.unwrap();
        }
    }
}
