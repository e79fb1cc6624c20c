//! Errors about runs.

use api::{client::ClientAddress, services};
use axum::http::Method;
use harness::{Client, TestServer, streams::hello};
use models::{RunnerId, WorkspaceId, run::MAX_ACTIVE_RUNS, runner::RunnerInfo};
use serde_json::{Value, json};

use crate::declared_errors::Met;

pub(super) async fn meet(
    met: &mut Met,
    server: &TestServer,
    owner: &mut Client,
    workspace_id: WorkspaceId,
) {
    let runners = format!("/workspace/{workspace_id}/runner");
    let runner = owner.post(&runners, &json!({"name": "runs"})).await.body;
    let runner_id: RunnerId =
        serde_json::from_value(runner["runner"]["runner_id"].clone()).unwrap();
    let deployments = format!("/workspace/{workspace_id}/deployment");
    let mut make = async |name: &str, deploy: bool| {
        let request = json!({
            "name": name, "runner_id": runner_id, "deploy": deploy, "spec": {"image": "app:1"},
        });
        let made: Value = owner.post(&deployments, &request).await.body;
        let id = made["deployment"]["deployment_id"].as_str().unwrap();
        format!("{deployments}/{id}")
    };
    let (bare, path) = (make("bare", false).await, make("tasks", true).await);
    let nothing = json!({});
    met.answer(
        "CreateRun",
        &owner.post(&format!("{bare}/run"), &nothing).await,
    );

    let runs = format!("{path}/run");
    let mut last = Value::Null;
    for _ in 0..MAX_ACTIVE_RUNS {
        last = owner.post(&runs, &nothing).await.body["run"]["run_id"].clone();
    }
    met.answer("CreateRun", &owner.post(&runs, &nothing).await);
    let cancel = format!("{runs}/{}/cancel", last.as_str().unwrap());
    assert_eq!(owner.call(Method::POST, &cancel, None).await.status, 202);
    met.answer("CancelRun", &owner.call(Method::POST, &cancel, None).await);

    let address = ClientAddress([127, 0, 0, 1].into());
    let epoch = services::runner::acquire_lease(&server.app, runner_id, address)
        .await
        .unwrap();
    let older = RunnerInfo {
        runs: false,
        ..hello(1).about
    };
    services::runner::record_info(&server.app, runner_id, epoch, &older)
        .await
        .unwrap();
    met.answer("CreateRun", &owner.post(&runs, &nothing).await);

    assert_eq!(owner.call(Method::DELETE, &path, None).await.status, 202);
    met.answer("CreateRun", &owner.post(&runs, &nothing).await);
}
