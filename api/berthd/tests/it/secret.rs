//! Secrets: they reach the apps that reference them, and appear nowhere else.

use api::db_test;
use axum::http::Method;
use harness::{
    Client, TestServer,
    streams::{Link, hello},
};
use models::runner::{PROTOCOL_VERSION, RunnerFrame, ServerFrame};
use serde_json::{Value, json};

use crate::whole;

const CANARY: &str = "canary-7c1e";
const SECOND: &str = "canary-second-9b";

async fn keep(owner: &mut Client, path: &str, value: &str) -> String {
    let request = json!({"name": "KEY", "secret_value": value});
    let answer = owner.post(path, &request).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    assert!(!answer.text.contains(value), "{}", answer.text);
    answer.body["secret"]["secret_id"]
        .as_str()
        .unwrap()
        .to_owned()
}

/// Waits for the environment and files of a link's only workload, once newer.
///
/// A runner may be sent the same generation twice.
async fn next_content(link: &mut Link, before: &mut i64) -> Vec<Value> {
    loop {
        let workload = match link.receive().await {
            ServerFrame::WorkloadChanged { workload, .. } => *workload,
            ServerFrame::DesiredState { mut workloads, .. } if !workloads.is_empty() => {
                workloads.remove(0)
            }
            _ => continue,
        };
        if workload.generation <= *before {
            continue;
        }
        *before = workload.generation;
        let spec = workload.release.unwrap().spec;
        let variables = spec.environment.iter().map(|variable| json!(variable));
        let files = spec.config_files.iter().map(|file| json!(file));
        return variables.chain(files).collect();
    }
}

db_test! {
    async fn a_secret_reaches_the_app_only(db: Db) {
        let server = TestServer::new(whole(db));
        let (mut owner, workspace_id) = server.set_up().await;
        let address = server.serve().await;
        let secrets = format!("/workspace/{workspace_id}/secret");
        let secret = keep(&mut owner, &secrets, CANARY).await;
        let runners = format!("/workspace/{workspace_id}/runner");
        let runner = owner.post(&runners, &json!({"name": "first"})).await.body;
        let mut link = Link::open(address, runner["token"].as_str().unwrap()).await;
        link.send(&RunnerFrame::Hello(hello(PROTOCOL_VERSION))).await;
        assert!(matches!(link.receive().await, ServerFrame::Welcome { .. }));

        let mut generation = 0;
        let deployments = format!("/workspace/{workspace_id}/deployment");
        let request = json!({
            "name": "app", "runner_id": runner["runner"]["runner_id"],
            "spec": {
                "image": "app:1",
                "environment": [{"name": "A", "secret_id": secret}],
                "config_files": [{"path": "/etc/key", "secret_id": secret}],
            },
        });
        let made = owner.post(&deployments, &request).await;
        assert_eq!(made.status, 201, "{made:?}");
        let with = |value: &str| {
            [json!({"name": "A", "value": value}), json!({"path": "/etc/key", "content": value})]
        };
        assert_eq!(next_content(&mut link, &mut generation).await, with(CANARY));
        let file = json!({"path": "/etc/key", "content": "", "secret_id": secret});
        assert_eq!(made.body["deployment"]["spec"]["config_files"], json!([file]));
        assert_eq!(made.body["deployment"]["release"]["spec"]["config_files"], json!([file]));
        let variable = json!({"name": "A", "value": "", "secret_id": secret});
        assert_eq!(made.body["deployment"]["spec"]["environment"], json!([variable]));
        assert_eq!(made.body["deployment"]["release"]["spec"]["environment"], json!([variable]));

        // Running instances keep the value; the next release has the new one.
        let path = format!("{secrets}/{secret}");
        let change = json!({"secret_value": SECOND});
        let changed = owner.call(Method::PATCH, &path, Some(&change)).await;
        assert_eq!(changed.body["secret"]["version"], 2);
        assert_eq!(changed.body["secret"]["used_by"][0]["name"], "app");
        let id = made.body["deployment"]["deployment_id"].as_str().unwrap();
        let deployment = format!("{deployments}/{id}");
        owner.call(Method::POST, &format!("{deployment}/deploy"), None).await;
        assert_eq!(next_content(&mut link, &mut generation).await, with(SECOND));

        // Rolling back restores the earlier value, and the settings still reference the secret.
        let release = made.body["deployment"]["release"]["release_id"].as_str().unwrap();
        let back = format!("{deployment}/release/{release}/roll-back");
        let back = owner.call(Method::POST, &back, None).await;
        assert_eq!(back.body["deployment"]["spec"]["environment"], json!([variable]));
        assert_eq!(back.body["deployment"]["spec"]["config_files"], json!([file]));
        assert_eq!(next_content(&mut link, &mut generation).await, with(CANARY));

        for shown in [
            &made, &changed, &back,
            &owner.get(&deployment).await,
            &owner.get(&format!("{deployment}/release")).await,
            &owner.get(&format!("{deployment}/release/{release}")).await,
            &owner.get(&secrets).await,
            &owner.page(&format!("{deployment}/settings")).await,
            &owner.page(&format!("{deployment}/release/{release}")).await,
            &owner.page(&path).await,
        ] {
            assert_eq!(shown.status / 100, 2, "{shown:?}");
            assert!(!shown.text.contains("canary"), "{}", shown.text);
        }
    }

    async fn another_workspaces_secret_is_none(db: Db) {
        let server = TestServer::new(whole(db));
        let (mut owner, workspace_id) = server.set_up().await;
        let secret = keep(&mut owner, &format!("/workspace/{workspace_id}/secret"), CANARY).await;
        let mut eve = server.person("eve", None).await;
        let own = eve.post("/workspace", &json!({"name": "eves"})).await;
        let own = own.body["workspace"]["workspace_id"].as_str().unwrap().to_owned();
        let runner = eve.post(&format!("/workspace/{own}/runner"), &json!({"name": "r"})).await;
        let request = json!({
            "name": "app", "runner_id": runner.body["runner"]["runner_id"],
            "spec": {"image": "app:1", "environment": [{"name": "A", "secret_id": secret}]},
        });
        let answer = eve.post(&format!("/workspace/{own}/deployment"), &request).await;
        assert_eq!(answer.code(), "secret_not_found");
        let mut request = request;
        request["spec"] = json!({
            "image": "app:1", "config_files": [{"path": "/etc/key", "secret_id": secret}],
        });
        let answer = eve.post(&format!("/workspace/{own}/deployment"), &request).await;
        assert_eq!(answer.code(), "secret_not_found");
        // The secret can still be deleted, because nobody uses it.
        let path = format!("/workspace/{workspace_id}/secret/{secret}");
        assert_eq!(owner.call(Method::DELETE, &path, None).await.status, 204);
    }

    async fn a_secret_that_a_file_names_is_not_deleted(db: Db) {
        let server = TestServer::new(whole(db));
        let (mut owner, workspace_id) = server.set_up().await;
        let secrets = format!("/workspace/{workspace_id}/secret");
        let secret = keep(&mut owner, &secrets, CANARY).await;
        let runners = format!("/workspace/{workspace_id}/runner");
        let runner = owner.post(&runners, &json!({"name": "first"})).await;
        let request = json!({
            "name": "app", "runner_id": runner.body["runner"]["runner_id"], "deploy": false,
            "spec": {
                "image": "app:1", "config_files": [{"path": "/etc/key", "secret_id": secret}],
            },
        });
        let made = owner.post(&format!("/workspace/{workspace_id}/deployment"), &request).await;
        assert_eq!(made.status, 201, "{made:?}");
        let answer = owner.call(Method::DELETE, &format!("{secrets}/{secret}"), None).await;
        assert_eq!(answer.code(), "secret_in_use");
        // The form names it too.
        let id = made.body["deployment"]["deployment_id"].as_str().unwrap();
        let page = format!("/workspace/{workspace_id}/deployment/{id}/settings");
        let page = owner.page(&page).await.text;
        assert!(page.contains("Secret of file 1"), "{page}");
        let chosen = page.split("Secret of file 1").nth(1).unwrap();
        let chosen = chosen.split("</select>").next().unwrap();
        assert!(chosen.contains(&secret) && chosen.contains("selected"), "{chosen}");
    }

    async fn a_form_that_is_refused_does_not_bring_the_value_back(db: Db) {
        let server = TestServer::new(whole(db));
        let (mut owner, workspace_id) = server.set_up().await;
        let page = format!("/workspace/{workspace_id}/secret/new");
        let workspace = workspace_id.to_string();
        let fields = [
            ("_page", page.as_str()), ("_path.workspace_id", workspace.as_str()),
            ("name", "not a name"), ("secret_value", CANARY),
        ];
        let answer = owner.submit("CreateSecret", &fields).await;
        assert_eq!(answer.status, 422);
        assert!(answer.text.contains("not a name"), "{}", answer.text);
        assert!(!answer.text.contains(CANARY), "{}", answer.text);
    }
}
