//! Names of resources in place of their ids.

use api::{db_test, store};
use axum::http::Method;
use harness::{
    Client, Fake, TestServer, Things,
    streams::{next, open_as},
    terminal::App,
};
use models::{WorkspaceId, api::ALL, endpoint::EndpointInfo, rbac::Role};
use serde_json::json;

use crate::authorization::{order, success};

/// The names of the resources that [`Things`] creates, by the path's field.
const NAMES: [(&str, &str); 8] = [
    ("workspace_id", "main"),
    ("deployment_id", "app"),
    ("environment_id", "staging"),
    ("project_id", "shop"),
    ("registry_id", "ghcr.io"),
    ("runner_id", "first"),
    ("secret_id", "KEY"),
    ("volume_id", "data"),
];

fn takes_names(info: &EndpointInfo) -> bool {
    info.path_fields.iter().any(|(_, kind)| kind.is_some())
}

/// Returns an endpoint's path with names in place of ids.
fn by_name(info: &EndpointInfo, things: &Things) -> String {
    let ids = things.path(info);
    let segments = info.path.split('/').zip(ids.split('/'));
    let named = segments.map(|(template, id)| {
        let field = template.trim_matches(['{', '}']);
        let name = NAMES.iter().find(|(known, _)| *known == field);
        match (name, info.name) {
            (Some(("runner_id", _)), "DeleteRunner") => "unused",
            // An endpoint before these renames the volume.
            (Some(("volume_id", _)), "DeleteVolume" | "ForgetVolume") => "renamed",
            (Some((_, name)), _) => name,
            (None, _) => id,
        }
    });
    named.collect::<Vec<_>>().join("/")
}

async fn call(
    client: &mut Client,
    info: &EndpointInfo,
    path: &str,
    things: &Things,
) -> (u16, String) {
    let request = things.request(info);
    let answer = client
        .call(info.method.clone(), path, request.as_ref())
        .await;
    let code = answer.code().to_owned();
    (answer.status, code)
}

db_test! {
    async fn every_endpoint_takes_names_in_place_of_ids(db: Db) {
        let server = TestServer::new(db);
        let (mut owner, workspace_id) = server.set_up().await;
        let things = Things::make(&server, &mut owner, workspace_id).await;
        let mut endpoints: Vec<_> = ALL.iter().filter(|info| takes_names(info)).collect();
        endpoints.sort_by_key(|info| order(info));
        assert!(endpoints.len() > 50, "only {} endpoints were walked", endpoints.len());
        for info in endpoints {
            let path = by_name(info, &things);
            let (status, code) = call(&mut owner, info, &path, &things).await;
            assert_eq!(status, success(info), "{} {path}: {code}", info.name);
        }
        // The record names the resource by its id, which nobody else will ever have.
        let events = store::audit_event::newest(&server.app.db, workspace_id, 20).await.unwrap();
        let deleted = events.iter().find(|event| event.action == "secret.delete").unwrap();
        assert_eq!(deleted.target.as_ref(), Some(&things.secret_id));
    }

    async fn a_name_of_another_workspace_is_not_found(db: Db) {
        let server = TestServer::new(db);
        let (mut owner, workspace_id) = server.set_up().await;
        let things = Things::make(&server, &mut owner, workspace_id).await;
        let mut eve = server.person("eve", None).await;
        eve.post("/workspace", &json!({"name": "eves"})).await;
        for info in ALL.iter().filter(|info| takes_names(info)) {
            let path = by_name(info, &things);
            let not_found = (404, "not_found".to_owned());
            assert_eq!(call(&mut eve, info, &path, &things).await, not_found, "{path}");
            let in_hers = path.replacen("main", "eves", 1);
            let names_more = info.path_fields.iter().filter(|(_, kind)| kind.is_some()).count() > 1;
            if names_more {
                assert_eq!(call(&mut eve, info, &in_hers, &things).await, not_found, "{in_hers}");
            }
        }
        let nobodys = owner.get("/workspace/main/deployment/nothing").await;
        assert_eq!((nobodys.status, nobodys.code()), (404, "not_found"));
        let existing = owner.get("/workspace/main/deployment/app").await;
        assert_eq!(existing.body["deployment"]["deployment_id"], things.deployment_id);
    }

    async fn one_name_in_two_workspaces_is_each_ones_own(db: Db) {
        let server = TestServer::new(db);
        let (mut owner, _) = server.set_up().await;
        assert_eq!(owner.post("/workspace", &json!({"name": "second"})).await.status, 201);
        let registry = json!({"host": "ghcr.io", "user_name": "ada", "password": "hush"});
        for (kind, name, request) in [
            ("registry", "ghcr.io", registry),
            ("runner", "first", json!({"name": "first"})),
            ("secret", "KEY", json!({"name": "KEY", "secret_value": "hush"})),
        ] {
            for workspace in ["main", "second"] {
                let path = format!("/workspace/{workspace}/{kind}");
                let made = owner.post(&path, &request).await.body;
                let found = owner.get(&format!("{path}/{name}")).await.body;
                let id = format!("{kind}_id");
                assert!(made[kind][&id].is_string(), "{made}");
                assert_eq!(found[kind][&id], made[kind][&id], "{kind} of {workspace}");
            }
        }
    }

    async fn a_name_reveals_nothing_to_a_member_without_the_permission(db: Db) {
        let server = TestServer::new(db);
        let (mut owner, workspace_id) = server.set_up().await;
        Things::make(&server, &mut owner, workspace_id).await;
        let mut viewer = server.person("vic", Some((workspace_id, Role::Viewer))).await;
        for name in ["app", "nothing"] {
            let path = format!("/workspace/main/deployment/{name}/stop");
            assert_eq!(viewer.call(Method::POST, &path, None).await.status, 403, "{name}");
        }
    }

    async fn a_renamed_resource_is_found_by_its_new_name_only(db: Db) {
        let server = TestServer::new(db);
        let (mut owner, workspace_id) = server.set_up().await;
        let things = Things::make(&server, &mut owner, workspace_id).await;
        let change = json!({"name": "renamed", "size_bytes": 1 << 20});
        let path = "/workspace/main/volume/data";
        assert_eq!(owner.call(Method::PATCH, path, Some(&change)).await.status, 200);
        assert_eq!(owner.get(path).await.code(), "not_found");
        let renamed = owner.get("/workspace/main/volume/renamed").await;
        assert_eq!(renamed.body["volume"]["volume_id"], things.volume_id);
    }

    async fn a_name_of_two_workspaces_is_refused_and_their_ids_are_not(db: Db) {
        let server = TestServer::new(db);
        let (mut owner, workspace_id) = server.set_up().await;
        let second = owner.post("/workspace", &json!({"name": "main"})).await;
        let second: WorkspaceId = serde_json::from_value(
            second.body["workspace"]["workspace_id"].clone(),
        ).unwrap();
        let answer = owner.get("/workspace/main").await;
        assert_eq!((answer.status, answer.code()), (404, "not_found"));
        assert!(answer.text.contains("Use the id"), "{answer:?}");
        for id in [workspace_id, second] {
            assert_eq!(owner.get(&format!("/workspace/{id}")).await.status, 200);
        }
    }

    async fn a_name_that_is_a_uuid_is_refused(db: Db) {
        let server = TestServer::new(db);
        let (mut owner, _) = server.set_up().await;
        let name = json!({"name": "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"});
        let answer = owner.post("/workspace/main/runner", &name).await;
        assert_eq!((answer.status, answer.code()), (422, "validation_failed"));
    }

    async fn a_stream_is_opened_by_name(db: Db) {
        let server = TestServer::new(db);
        let (mut owner, workspace_id) = server.set_up().await;
        let address = server.serve().await;
        let fake = Fake::join(&mut owner, workspace_id, "fake", address).await;
        let app = App::deploy(&mut owner, workspace_id, &fake).await;
        let found = owner.get(&app.path).await;
        let name = found.body["deployment"]["name"].as_str().unwrap();
        let path = format!("/workspace/main/deployment/{name}/stream");
        let mut stream = open_as(&owner, address, &path).await.unwrap();
        let state = next(&mut stream).await.unwrap();
        assert_eq!(state["deployment"]["deployment_id"], app.deployment_id);
    }
}
