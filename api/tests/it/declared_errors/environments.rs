//! Errors about projects and environments.

use axum::http::Method;
use harness::Client;
use models::{WorkspaceId, environment::MAX_ENVIRONMENTS, project::MAX_PROJECTS};
use serde_json::{Value, json};

use crate::declared_errors::Met;

pub(super) async fn meet(
    met: &mut Met,
    owner: &mut Client,
    workspace_id: WorkspaceId,
    runner_id: &Value,
) {
    let path = |kind: &str| format!("/workspace/{workspace_id}/{kind}");
    not_found(met, owner, &path, runner_id).await;

    let (projects, environments) = (path("project"), path("environment"));
    let project = json!({"name": "shop"});
    assert_eq!(owner.post(&projects, &project).await.status, 201);
    met.answer("CreateProject", &owner.post(&projects, &project).await);
    let nowhere = json!({"name": "staging", "project": "nothing"});
    met.answer(
        "CreateEnvironment",
        &owner.post(&environments, &nowhere).await,
    );
    let staging = json!({"name": "staging", "project": "shop"});
    assert_eq!(owner.post(&environments, &staging).await.status, 201);
    met.answer(
        "CreateEnvironment",
        &owner.post(&environments, &staging).await,
    );

    let rename = |name: &str| json!({"name": name});
    let shop = format!("{projects}/shop");
    let answer = owner
        .call(Method::PATCH, &shop, Some(&rename("main")))
        .await;
    met.answer("UpdateProject", &answer);
    let of_shop = format!("{environments}/shop:staging");
    let answer = owner
        .call(Method::PATCH, &of_shop, Some(&rename("production")))
        .await;
    met.answer("UpdateEnvironment", &answer);

    let secret = json!({"name": "KEY", "secret_value": "hush", "environment": "shop:staging"});
    assert_eq!(owner.post(&path("secret"), &secret).await.status, 201);
    met.answer(
        "DeleteEnvironment",
        &owner.call(Method::DELETE, &of_shop, None).await,
    );
    met.answer(
        "DeleteProject",
        &owner.call(Method::DELETE, &shop, None).await,
    );
    let secret = format!("{}/shop:staging:KEY", path("secret"));
    assert_eq!(owner.call(Method::DELETE, &secret, None).await.status, 204);
    assert_eq!(owner.call(Method::DELETE, &of_shop, None).await.status, 204);
    let last = format!("{environments}/shop:production");
    met.answer(
        "DeleteEnvironment",
        &owner.call(Method::DELETE, &last, None).await,
    );

    too_many(met, owner, &path).await;
}

/// Requests beyond the largest numbers, and the deletion of a last project.
async fn too_many(met: &mut Met, owner: &mut Client, path: &impl Fn(&str) -> String) {
    let (projects, environments) = (path("project"), path("environment"));
    let shop = format!("{projects}/shop");
    for number in 1..MAX_ENVIRONMENTS {
        let one = json!({"name": format!("e{number}"), "project": "shop"});
        assert_eq!(owner.post(&environments, &one).await.status, 201);
    }
    let one_more = json!({"name": "one-more", "project": "shop"});
    met.answer(
        "CreateEnvironment",
        &owner.post(&environments, &one_more).await,
    );
    assert_eq!(owner.call(Method::DELETE, &shop, None).await.status, 204);
    for number in 1..MAX_PROJECTS {
        let one = json!({"name": format!("p{number}")});
        assert_eq!(owner.post(&projects, &one).await.status, 201);
    }
    met.answer(
        "CreateProject",
        &owner.post(&projects, &json!({"name": "one-more"})).await,
    );
    let alone = owner
        .post("/workspace", &json!({"name": "alone"}))
        .await
        .body;
    let other = alone["workspace"]["workspace_id"].as_str().unwrap();
    let only = format!("/workspace/{other}/project/main");
    met.answer(
        "DeleteProject",
        &owner.call(Method::DELETE, &only, None).await,
    );
}

/// Requests that name a place that the workspace does not have.
async fn not_found(
    met: &mut Met,
    owner: &mut Client,
    path: &impl Fn(&str) -> String,
    runner_id: &Value,
) {
    let requests = [
        (
            "CreateDeployment",
            "deployment",
            json!({
                "name": "c", "runner_id": runner_id, "spec": {"image": "app:1"}, "environment": "nowhere",
            }),
        ),
        (
            "CreateSecret",
            "secret",
            json!({
                "name": "K", "secret_value": "hush", "environment": "nowhere",
            }),
        ),
        (
            "CreateVolume",
            "volume",
            json!({
                "name": "v", "runner_id": runner_id, "size_bytes": 1 << 20, "environment": "nowhere",
            }),
        ),
    ];
    for (endpoint, kind, request) in requests {
        met.answer(endpoint, &owner.post(&path(kind), &request).await);
        let list = format!("List{}s", endpoint.trim_start_matches("Create"));
        let list = ["ListDeployments", "ListSecrets", "ListVolumes"]
            .into_iter()
            .find(|known| *known == list)
            .unwrap();
        for query in ["environment=nowhere", "project=nothing"] {
            let answer = owner.get(&format!("{}?{query}", path(kind))).await;
            met.answer(list, &answer);
        }
    }
}
