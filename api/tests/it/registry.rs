//! Credentials for registries.
//!
//! They reach the runners that pull from there, and appear nowhere else.

use api::db_test;
use axum::http::Method;
use harness::{
    Answer, Client, TestServer,
    streams::{Link, hello},
};
use models::{
    runner::{PROTOCOL_VERSION, RegistryCredential, RunnerFrame, ServerFrame, Workload},
    value::SecretText,
};
use serde_json::{Value, json};

const HOST: &str = "registry.example.org:5000";
const CANARY: &str = "canary-4f2a";
const SECOND: &str = "canary-second-e1";

async fn keep(owner: &mut Client, path: &str, host: &str, password: &str) -> Answer {
    let request = json!({"host": host, "user_name": "ada", "password": password});
    let answer = owner.post(path, &request).await;
    assert!(!answer.text.contains(password), "{}", answer.text);
    answer
}

/// Connects a runner of the workspace, and returns its link and id.
async fn connect(server: &TestServer, owner: &mut Client, workspace: &str) -> (Link, Value) {
    let address = server.serve().await;
    let answer = owner
        .post(&format!("{workspace}/runner"), &json!({"name": "first"}))
        .await;
    let mut link = Link::open(address, answer.body["token"].as_str().unwrap()).await;
    link.send(&RunnerFrame::Hello(hello(PROTOCOL_VERSION)))
        .await;
    assert!(matches!(link.receive().await, ServerFrame::Welcome { .. }));
    (link, answer.body["runner"]["runner_id"].clone())
}

/// Waits for the next workload on a link that is as expected.
///
/// A runner may be sent the same one twice.
async fn next_workload(link: &mut Link, expected: impl Fn(&Workload) -> bool) -> Workload {
    loop {
        let workloads = match link.receive().await {
            ServerFrame::WorkloadChanged { workload, .. } => vec![*workload],
            ServerFrame::DesiredState { workloads, .. } => workloads,
            _ => continue,
        };
        if let Some(workload) = workloads.into_iter().find(&expected) {
            return workload;
        }
    }
}

fn credential(workload: &Workload) -> Option<&RegistryCredential> {
    workload.release.as_ref()?.registry_credential.as_ref()
}

fn has_password(workload: &Workload, password: &str) -> bool {
    credential(workload).is_some_and(|found| found.password == SecretText::new(password))
}

async fn deploy(
    owner: &mut Client,
    workspace: &str,
    runner: &Value,
    name: &str,
    image: &str,
) -> Answer {
    let request = json!({"name": name, "runner_id": runner, "spec": {"image": image}});
    let answer = owner
        .post(&format!("{workspace}/deployment"), &request)
        .await;
    assert_eq!(answer.status, 201, "{answer:?}");
    answer
}

db_test! {
    async fn a_registrys_password_reaches_the_runner_only(db: Db) {
        let server = TestServer::new(db);
        let (mut owner, workspace_id) = server.set_up().await;
        let workspace = format!("/workspace/{workspace_id}");
        let registries = format!("{workspace}/registry");
        let made = keep(&mut owner, &registries, HOST, CANARY).await;
        assert_eq!(made.status, 201, "{made:?}");
        let path = format!("{registries}/{}", made.body["registry"]["registry_id"].as_str().unwrap());
        let (mut link, runner) = connect(&server, &mut owner, &workspace).await;

        let image = format!("{HOST}/team/app:1");
        let app = deploy(&mut owner, &workspace, &runner, "app", &image).await;
        let first = next_workload(&mut link, |workload| credential(workload).is_some()).await;
        assert!(has_password(&first, CANARY));
        let shown = credential(&first).unwrap();
        assert_eq!((shown.host.as_str(), shown.user_name.as_str()), (HOST, "ada"));

        // Not for another host, however similar.
        for other in ["app:1", "registry.example.org/app:1", "registry.example.org:5000.example.net/app:1"] {
            let request = json!({"name": "other", "runner_id": runner, "spec": {"image": other}});
            let answer = owner.post(&format!("{workspace}/deployment"), &request).await;
            if answer.status == 422 {
                continue;
            }
            let id = answer.body["deployment"]["deployment_id"].as_str().unwrap().to_owned();
            let other = next_workload(&mut link, |workload| workload.deployment_id.to_string() == id).await;
            assert_eq!(credential(&other), None);
            let gone = format!("{workspace}/deployment/{id}");
            assert_eq!(owner.call(Method::DELETE, &gone, None).await.status, 202);
            server_forgets(&server, &runner, &id).await;
        }

        // A new password reaches the runner although nothing else changed.
        let change = json!({"password": SECOND});
        let changed = owner.call(Method::PATCH, &path, Some(&change)).await;
        assert_eq!(changed.status, 200, "{changed:?}");
        assert_eq!(changed.body["registry"]["used_by"][0]["name"], "app");
        assert_eq!(changed.body["registry"]["used_by"][0]["image"], image);
        let second = next_workload(&mut link, |workload| has_password(workload, SECOND)).await;
        assert_eq!(second.generation, first.generation);
        let change = json!({"user_name": "robot$pull"});
        let renamed = owner.call(Method::PATCH, &path, Some(&change)).await;
        assert_eq!(renamed.body["registry"]["user_name"], "robot$pull");
        let third = next_workload(&mut link, |workload| {
            credential(workload).is_some_and(|found| found.user_name.as_str() == "robot$pull")
        })
        .await;
        assert!(has_password(&third, SECOND), "what is left out stays");

        let deployment = app.body["deployment"]["deployment_id"].as_str().unwrap();
        let deployment = format!("{workspace}/deployment/{deployment}");
        for shown in [
            &made, &changed, &renamed, &app,
            &owner.get(&registries).await,
            &owner.get(&path).await,
            &owner.get(&deployment).await,
            &owner.get(&format!("{deployment}/release")).await,
        ] {
            assert_eq!(shown.status / 100, 2, "{shown:?}");
            assert!(!shown.text.contains("canary"), "{}", shown.text);
        }

        // Deleting the credential always works, and the runner drops it too.
        assert_eq!(owner.call(Method::DELETE, &path, None).await.status, 204);
        let last = next_workload(&mut link, |workload| credential(workload).is_none()).await;
        assert_eq!(last.generation, first.generation);
        assert_eq!(owner.get(&path).await.status, 404);
    }

    async fn a_registry_has_one_name_and_is_kept_once(db: Db) {
        let server = TestServer::new(db);
        let (mut owner, workspace_id) = server.set_up().await;
        let registries = format!("/workspace/{workspace_id}/registry");
        let made = keep(&mut owner, &registries, "Index.docker.io", CANARY).await;
        assert_eq!(made.body["registry"]["host"], "docker.io");
        for alias in ["docker.io", "registry-1.docker.io"] {
            let again = keep(&mut owner, &registries, alias, SECOND).await;
            assert_eq!(again.code(), "registry_host_taken", "{alias}");
        }
        let wrong = keep(&mut owner, &registries, "https://ghcr.io", CANARY).await;
        assert_eq!(wrong.code(), "validation_failed");
        let second = keep(&mut owner, &registries, "ghcr.io", CANARY).await;
        assert_eq!(second.status, 201);
        let first = owner.get(&format!("{registries}?limit=1")).await;
        assert_eq!(first.body["items"][0]["host"], "docker.io");
        let cursor = first.body["next_cursor"].as_str().unwrap();
        let rest = owner.get(&format!("{registries}?limit=1&cursor={cursor}")).await;
        assert_eq!(rest.body["items"][0]["host"], "ghcr.io");
        assert_eq!(rest.body["next_cursor"], Value::Null);
    }

    async fn another_workspaces_credential_is_not_used(db: Db) {
        let server = TestServer::new(db);
        let (mut owner, workspace_id) = server.set_up().await;
        keep(&mut owner, &format!("/workspace/{workspace_id}/registry"), HOST, CANARY).await;
        let mut eve = server.person("eve", None).await;
        let own = eve.post("/workspace", &json!({"name": "eves"})).await;
        let own = format!("/workspace/{}", own.body["workspace"]["workspace_id"].as_str().unwrap());
        let (mut link, runner) = connect(&server, &mut eve, &own).await;
        deploy(&mut eve, &own, &runner, "app", &format!("{HOST}/team/app:1")).await;
        let workload = next_workload(&mut link, |_| true).await;
        assert_eq!(credential(&workload), None);
        // The same host is free in her workspace.
        let hers = keep(&mut eve, &format!("{own}/registry"), HOST, SECOND).await;
        assert_eq!(hers.status, 201, "{hers:?}");
        next_workload(&mut link, |workload| has_password(workload, SECOND)).await;
    }
}

/// Reports the removal of a deployment as its runner would, which frees its name.
async fn server_forgets(server: &TestServer, runner: &Value, id: &str) {
    let runner = runner.as_str().unwrap().parse().unwrap();
    api::services::deployment::purge(&server.app, runner, id.parse().unwrap(), i64::MAX)
        .await
        .unwrap();
}
