//! Private networks, with the fake runner.

use models::{
    EnvironmentId,
    run::RunTerms,
    runner::{WorkloadNetwork, WorkloadRun},
    value::ResourceName,
};
use runner_common::conformance::{
    App, Harness,
    fake::FakePlatform,
    harness::{next, release},
};
use uuid::Uuid;

fn api() -> WorkloadNetwork {
    WorkloadNetwork {
        environment_id: EnvironmentId::from_uuid(Uuid::now_v7()),
        host_name: ResourceName::trusted("api"),
    }
}

#[tokio::test]
async fn a_platform_without_networks_runs_apps_where_it_did_before() {
    let platform = FakePlatform::default();
    platform.break_it(|faults| faults.has_no_networks = true);
    let mut harness = Harness::start(&platform).await;
    let mut link = harness.first_link().await;
    let about = harness.server.about.clone().unwrap();
    assert!(!about.private_networks, "the server can tell");
    let app = next(&harness.workload(App::Mute, None), |app| {
        app.network = Some(api());
    });
    let (app, instance) = harness.deploy(&mut link, &app).await;
    let seen = harness
        .observed_on_platform("it", app.deployment_id, |seen| seen.len() == 1)
        .await;
    assert_eq!(seen[0].network, None);
    // Another place is none either.
    let moved = next(&app, |app| app.network = Some(api()));
    link.change(&moved).await;
    assert_eq!(harness.runs(&mut link, &moved).await, instance);
    harness.finish(link, &[&moved]).await;
}

#[tokio::test]
async fn a_run_joins_the_network_under_no_name() {
    let platform = FakePlatform::default();
    let mut harness = Harness::start(&platform).await;
    let mut link = harness.first_link().await;
    let network = api();
    let run = next(&harness.workload(App::Mute, None), |run| {
        let spec = run.release.as_ref().unwrap().spec.clone();
        run.release = Some(release(spec));
        run.network = Some(network.clone());
        run.run = Some(WorkloadRun {
            run_id: Uuid::now_v7().into(),
            terms: RunTerms {
                timeout_ms: 60_000,
                retries: 0,
            },
            attempts_begun: 0,
        });
    });
    link.change(&run).await;
    let seen = harness
        .observed_on_platform("an attempt", run.deployment_id, |seen| seen.len() == 1)
        .await;
    let joined = seen[0].network.clone().unwrap();
    assert_eq!(joined.environment_id, network.environment_id);
    assert_eq!(joined.host_name, None);
    harness.finish(link, &[]).await;
}
