//! Errors about the size of instances relative to a runner's host.

use api::{client::ClientAddress, services, store::observation::Reporter};
use axum::http::Method;
use harness::{Client, TestServer, streams::hello};
use models::{RunnerId, WorkspaceId, deployment::ReleasePhase, runner::RunnerInfo};
use serde_json::{Value, json};

use crate::declared_errors::Met;

/// Connects the runner, and reports a host with this many processors.
async fn has_processors(server: &TestServer, runner_id: RunnerId, cpus: u32) -> Reporter {
    let about = RunnerInfo {
        cpus,
        ..hello(1).about
    };
    let address = ClientAddress([127, 0, 0, 1].into());
    let epoch = services::runner::acquire_lease(&server.app, runner_id, address)
        .await
        .unwrap();
    services::runner::record_info(&server.app, runner_id, epoch, &about)
        .await
        .unwrap();
    Reporter { runner_id, epoch }
}

pub(super) async fn meet(
    met: &mut Met,
    server: &TestServer,
    owner: &mut Client,
    workspace_id: WorkspaceId,
) {
    let runners = format!("/workspace/{workspace_id}/runner");
    let runner = owner.post(&runners, &json!({"name": "shrinks"})).await.body;
    let runner_id: RunnerId =
        serde_json::from_value(runner["runner"]["runner_id"].clone()).unwrap();
    let reporter = has_processors(server, runner_id, 2).await;
    let deployments = format!("/workspace/{workspace_id}/deployment");
    let request = |name: &str, deploy: bool| {
        let spec = json!({"image": "app:1", "resources": {"cpu_millis": 2_000}});
        json!({"name": name, "runner_id": runner_id, "deploy": deploy, "spec": spec})
    };
    let path = |made: &Value| {
        let id = made["deployment"]["deployment_id"].as_str().unwrap();
        format!("{deployments}/{id}")
    };
    let live = owner
        .post(&deployments, &request("shrunk", true))
        .await
        .body;
    let release = live["deployment"]["release"]["release_id"].clone();
    let report = json!({
        "deployment_id": live["deployment"]["deployment_id"], "release_id": release,
        "phase": ReleasePhase::Live,
    });
    server.hears(reporter, report).await;
    let waits = owner
        .post(&deployments, &request("waits", false))
        .await
        .body;

    has_processors(server, runner_id, 1).await;
    let answer = owner.post(&deployments, &request("late", true)).await;
    met.answer("CreateDeployment", &answer);
    let change = json!({"spec": {"image": "app:2", "resources": {"cpu_millis": 1_500}}});
    let answer = owner.call(Method::PATCH, &path(&live), Some(&change)).await;
    met.answer("UpdateDeployment", &answer);
    let back = format!("release/{}/roll-back", release.as_str().unwrap());
    for (endpoint, made, verb) in [
        ("DeployDeployment", &live, "deploy"),
        ("RestartDeployment", &live, "restart"),
        ("RollBackDeployment", &live, back.as_str()),
        ("StartDeployment", &waits, "start"),
    ] {
        let path = format!("{}/{verb}", path(made));
        met.answer(endpoint, &owner.call(Method::POST, &path, None).await);
    }
}
