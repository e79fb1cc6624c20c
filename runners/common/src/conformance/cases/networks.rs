//! Private networks: the place of instances, when it is set and when it changes.

use models::{
    EnvironmentId,
    deployment::{Instance, InstanceState},
    runner::{Workload, WorkloadNetwork},
    value::ResourceName,
};
use uuid::Uuid;

use crate::{
    conformance::{
        App, Harness, InstanceSubject, PORT,
        harness::{next, now_live, release, release_id},
    },
    platform::{InstanceNetwork, InstancePlatform, PlatformInstance},
};

fn place(name: &str) -> WorkloadNetwork {
    WorkloadNetwork {
        environment_id: EnvironmentId::from_uuid(Uuid::now_v7()),
        host_name: ResourceName::trusted(name),
    }
}

/// Returns the workload at this place.
fn at(workload: &Workload, network: &WorkloadNetwork) -> Workload {
    next(workload, |workload| {
        workload.network = Some(network.clone());
    })
}

fn is_at(instance: &PlatformInstance, network: &WorkloadNetwork) -> bool {
    let expected = InstanceNetwork {
        environment_id: network.environment_id,
        host_name: Some(network.host_name.clone()),
    };
    instance.network == Some(expected)
}

async fn has_networks<S: InstanceSubject>(subject: &S) -> bool {
    let runner = subject.runner().await;
    InstancePlatform::capabilities(&runner).private_networks
}

/// The same release then runs elsewhere, or under another name.
pub async fn a_workload_that_moves_is_replaced_on_its_new_network<S: InstanceSubject>(subject: &S) {
    if !has_networks(subject).await {
        return;
    }
    let mut harness = Harness::start_with_state(subject).await;
    let mut link = harness.first_link().await;
    let mut network = place("api");
    let app = at(&harness.workload(App::Web, Some(PORT)), &network);
    let id = app.deployment_id;
    let (mut app, mut before) = harness.deploy(&mut link, &app).await;
    let is_there = |seen: &[PlatformInstance]| seen.len() == 1 && is_at(&seen[0], &network);
    harness.observed_on_platform("it there", id, is_there).await;

    let renamed = WorkloadNetwork {
        host_name: ResourceName::trusted("web"),
        ..network.clone()
    };
    for to in [place("api"), renamed] {
        network = to;
        app = at(&app, &network);
        link.change(&app).await;
        let is_there = |seen: &[PlatformInstance]| seen.len() == 1 && is_at(&seen[0], &network);
        harness.observed_on_platform("its move", id, is_there).await;
        let is_other = |seen: &[Instance]| matches!(seen, [only] if only.instance_id != before.instance_id && only.state == InstanceState::Running);
        let mut seen = link.observed("another instance", id, is_other).await;
        before = seen.remove(0);
    }
    harness.finish(link, &[&app]).await;
}

/// An upgrade of the server or the runner restarts no app.
pub async fn an_instance_from_before_networks_stays_until_the_next_release<S: InstanceSubject>(
    subject: &S,
) {
    if !has_networks(subject).await {
        return;
    }
    let mut harness = Harness::start_with_state(subject).await;
    let mut link = harness.first_link().await;
    let mut app = harness.workload(App::Web, Some(PORT));
    if let Some(release) = &mut app.release {
        release.spec.max_instances = Some(2);
    }
    let id = app.deployment_id;
    let (app, before) = harness.deploy(&mut link, &app).await;

    let network = place("api");
    let mut app = at(&app, &network);
    if let Some(release) = &mut app.release {
        release.instances = Some(2);
    }
    link.change(&app).await;
    let all_run = |seen: &[Instance]| {
        seen.len() == 2 && seen.iter().all(|one| one.state == InstanceState::Running)
    };
    let seen = link.observed("a second one", id, all_run).await;
    assert!(seen.contains(&before), "{seen:?}");
    let are_two = |seen: &[PlatformInstance]| seen.len() == 2;
    let seen = harness.observed_on_platform("both", id, are_two).await;
    for instance in &seen {
        let is_first = instance.key.instance_id == before.instance_id;
        assert_ne!(is_at(instance, &network), is_first, "{instance:?}");
    }

    let redeployed = next(&app, |app| {
        let spec = app.release.as_ref().expect("it has one").spec.clone();
        app.release = Some(release(spec));
    });
    link.change(&redeployed).await;
    link.live(release_id(&redeployed)).await;
    link.change(&now_live(&redeployed)).await;
    let all_there =
        |seen: &[PlatformInstance]| !seen.is_empty() && seen.iter().all(|one| is_at(one, &network));
    harness
        .observed_on_platform("all of them there", id, all_there)
        .await;
    harness.finish(link, &[&redeployed]).await;
}
