//! The fake cluster passes the upper level of the suite.

use models::deployment::{FailureCode, Instance, InstanceState};
use runner_common::conformance::{App, Harness, fake::FakeCluster, harness::release_id};

runner_common::reconciler_conformance_tests!(async { Some(FakeCluster::start()) });

#[tokio::test]
async fn an_ended_instance_is_replaced_and_never_started_again() {
    let cluster = FakeCluster::start();
    let mut harness = Harness::start(&cluster).await;
    let mut link = harness.first_link().await;
    let app = harness.workload(App::Mute, None);
    let (app, before) = harness.deploy(&mut link, &app).await;
    assert_eq!(cluster.created(), 1);

    harness.kill(&app, before.instance_id).await;
    let is_another = |seen: &[Instance]| {
        matches!(seen, [only] if only.state == InstanceState::Running
            && only.instance_id != before.instance_id)
    };
    link.observed("another", app.deployment_id, is_another)
        .await;
    assert_eq!(cluster.created(), 2);
    harness.finish(link, &[&app]).await;
}

#[tokio::test]
async fn a_cluster_runs_nothing_that_the_host_policy_refuses() {
    let cluster = FakeCluster::start();
    let mut harness = Harness::start(&cluster).await;
    let link = harness.first_link().await;
    harness.stop_runner().await;
    link.cut();
    harness.policy.max_instances = Some(1);
    harness.restart_runner().await;
    let mut link = harness.first_link().await;
    let mut app = harness.workload(App::Mute, None);
    app.release.as_mut().unwrap().spec.instances = 2;
    link.change(&app).await;
    let reports = link.reports(release_id(&app)).await;
    let failure = reports.last().and_then(|last| last.failure.clone());
    assert_eq!(failure.unwrap().code, FailureCode::RefusedByHostPolicy);
    assert_eq!(cluster.created(), 0);
    harness.finish(link, &[]).await;
}
