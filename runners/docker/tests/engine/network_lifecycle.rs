//! Creation and removal of private networks.

use bollard::models::{NetworkCreateRequest, NetworkDisconnectRequest};
use models::deployment::FailureCode;
use runner_common::{InstancePlatform, PlatformState};
use runner_docker::DockerRunner;

use crate::platform::{Engine, options};
use crate::private_networks::{TestRunner, environment, joined, named};

async fn exists(engine: &Engine, network: &str) -> bool {
    engine.docker.inspect_network(network, None).await.is_ok()
}

#[tokio::test]
async fn a_network_goes_when_no_container_and_no_workload_needs_it() {
    let Some(engine) = Engine::if_wanted().await else {
        return eprintln!("skipped: there is no platform");
    };
    let runner = TestRunner::new(options());
    let own = environment(1);
    let app = runner.create(&engine, named(own, "api")).await.unwrap();
    let prune = async |needed: &[_]| {
        let needed = needed.iter().copied().collect();
        let pruned = runner.runner.prune_networks(runner.id, &needed).await;
        pruned.unwrap()
    };
    // A container that was never started needs it, and so does one that was stopped.
    assert_eq!(prune(&[]).await, 0);
    runner.runner.start(&app).await.unwrap();
    let (network, _) = joined(&engine, &app).await;
    assert_eq!(prune(&[]).await, 0);
    runner.runner.stop(&app).await.unwrap();
    assert_eq!(prune(&[]).await, 0);

    runner.runner.remove(&app).await.unwrap();
    assert_eq!(prune(&[own]).await, 0);
    assert!(exists(&engine, &network).await);
    assert_eq!(prune(&[environment(2)]).await, 1);
    assert!(!exists(&engine, &network).await);
    assert_eq!(prune(&[]).await, 0);
}

#[tokio::test]
async fn a_restarted_runner_finds_its_networks_and_removes_unused_ones() {
    let Some(engine) = Engine::if_wanted().await else {
        return eprintln!("skipped: there is no platform");
    };
    let before = TestRunner::new(options());
    let own = environment(1);
    let api = before.app(&engine, named(own, "api")).await;
    let after = TestRunner {
        runner: DockerRunner::new(options()),
        id: before.id,
    };
    let web = after.app(&engine, named(own, "web")).await;
    let (network, _) = joined(&engine, &api).await;
    assert_eq!(joined(&engine, &web).await.0, network);
    assert!(after.finds(&web, "api").await);

    // It knows the place of each from the engine alone.
    let listed = after.runner.instances(after.id).await.unwrap();
    let place = |key| {
        let found = listed.iter().find(|instance| instance.key == key);
        found.unwrap().network.clone()
    };
    assert_eq!(place(api), Some(named(own, "api")));
    assert_eq!(place(web), Some(named(own, "web")));
    after.remove(&[api, web]).await;
    assert!(!exists(&engine, &network).await);
}

#[tokio::test]
async fn networks_survive_creations_and_removals_at_the_same_time() {
    let Some(engine) = Engine::if_wanted().await else {
        return eprintln!("skipped: there is no platform");
    };
    let runner = TestRunner::new(options());
    let own = environment(1);
    let pruning = async {
        for _ in 0..20 {
            let needed = [].into();
            let pruned = runner.runner.prune_networks(runner.id, &needed);
            pruned.await.unwrap();
        }
    };
    let coming = async |name: &str| {
        for _ in 0..3 {
            let app = runner.app(&engine, named(own, name)).await;
            runner.runner.remove(&app).await.unwrap();
        }
    };
    tokio::join!(pruning, coming("api"), coming("web"), coming("db"));
    runner.remove(&[]).await;
}

#[tokio::test]
async fn a_network_that_someone_removed_is_created_again() {
    let Some(engine) = Engine::if_wanted().await else {
        return eprintln!("skipped: there is no platform");
    };
    let runner = TestRunner::new(options());
    let own = environment(1);
    let api = runner.app(&engine, named(own, "api")).await;
    let (network, _) = joined(&engine, &api).await;
    let off = NetworkDisconnectRequest {
        container: engine.container(&api).await,
        force: Some(true),
    };
    engine
        .docker
        .disconnect_network(&network, off)
        .await
        .unwrap();
    engine.docker.remove_network(&network).await.unwrap();

    // The loop replaces it, since it is on no network.
    assert_eq!(runner.state(&api).await, PlatformState::Changed);
    let next = runner.app(&engine, named(own, "api")).await;
    let web = runner.app(&engine, named(own, "web")).await;
    assert!(runner.finds(&web, "api").await);
    runner.remove(&[api, next, web]).await;
}

#[tokio::test]
async fn an_app_that_lost_its_name_counts_as_changed() {
    let Some(engine) = Engine::if_wanted().await else {
        return eprintln!("skipped: there is no platform");
    };
    let runner = TestRunner::new(options());
    let api = runner.app(&engine, named(environment(1), "api")).await;
    assert_eq!(runner.state(&api).await, PlatformState::Running);
    let (network, _) = joined(&engine, &api).await;
    let container = engine.container(&api).await;
    let off = NetworkDisconnectRequest {
        container: container.clone(),
        force: None,
    };
    engine
        .docker
        .disconnect_network(&network, off)
        .await
        .unwrap();
    let on = bollard::models::NetworkConnectRequest {
        container,
        endpoint_config: None,
    };
    engine.docker.connect_network(&network, on).await.unwrap();
    // No events are watched here, so a restarted runner looks again.
    let after = TestRunner {
        runner: DockerRunner::new(options()),
        id: runner.id,
    };
    assert_eq!(after.state(&api).await, PlatformState::Changed);
    after.remove(&[api]).await;
}

#[tokio::test]
async fn a_network_that_someone_put_in_its_place_is_never_joined() {
    let Some(engine) = Engine::if_wanted().await else {
        return eprintln!("skipped: there is no platform");
    };
    let runner = TestRunner::new(options());
    let own = environment(1);
    let app = runner.app(&engine, named(own, "api")).await;
    let (network, _) = joined(&engine, &app).await;
    let made = engine.docker.inspect_network(&network, None).await.unwrap();
    runner.remove(&[app]).await;

    // It has the labels too, but the host is not closed to what is on it.
    let replaced = NetworkCreateRequest {
        name: made.name.unwrap(),
        labels: made.labels,
        driver: Some("bridge".to_owned()),
        ..NetworkCreateRequest::default()
    };
    let created = engine.docker.create_network(replaced).await.unwrap();
    let refused = runner.create(&engine, named(own, "api")).await.unwrap_err();
    assert_eq!(refused.code, FailureCode::NetworkForeign);
    engine.docker.remove_network(&created.id).await.unwrap();
    let app = runner.app(&engine, named(own, "api")).await;
    runner.remove(&[app]).await;
}

#[tokio::test]
async fn a_pool_without_free_addresses_says_so_and_recovers() {
    let Some(engine) = Engine::if_wanted().await else {
        return eprintln!("skipped: there is no platform");
    };
    let runner = TestRunner::with_pool("10.203.0.0/24").await;
    let first = runner.create(&engine, named(environment(1), "api")).await;
    let second = runner.create(&engine, named(environment(2), "api")).await;
    let (first, second) = (first.unwrap(), second.unwrap());
    let refused = runner.create(&engine, named(environment(3), "api")).await;
    let refused = refused.unwrap_err();
    assert_eq!(refused.code, FailureCode::NetworkPoolExhausted);
    assert!(refused.message.contains("network_pool"), "{refused}");
    // An environment that has its network needs no other.
    let beside = runner.create(&engine, named(environment(1), "web")).await;
    let beside = beside.unwrap();

    runner.remove(&[second]).await;
    let third = runner.create(&engine, named(environment(3), "api")).await;
    runner.remove(&[first, beside, third.unwrap()]).await;
}
