//! Class 9: every stream ends with the permission to open it.

use api::{bus::Event, db::testing, db_test};
use axum::http::Method;
use harness::{
    Fake, TestServer, eventually,
    streams::{WebSocket, next, open_as},
    terminal::App,
};
use models::{
    WorkspaceId,
    api::ALL,
    endpoint::{Access, EndpointInfo},
};
use serde_json::json;

/// Every stream about a running app that needs a permission.
fn streams(workspace_id: WorkspaceId, app: &App) -> Vec<String> {
    let of_people = |info: &&EndpointInfo| {
        info.stream && !matches!(info.access, Access::Runner | Access::Public)
    };
    let paths = ALL.iter().filter(of_people).map(|info| {
        let path = info
            .path
            .replace("{workspace_id}", &workspace_id.to_string());
        let path = path.replace("{deployment_id}", &app.deployment_id);
        let path = path.replace("{instance_id}", &app.instance_id);
        assert!(
            !path.contains('{'),
            "{path} has a field that this test does not know"
        );
        path
    });
    let paths: Vec<String> = paths.collect();
    assert!(paths.len() >= 5, "only {paths:?}");
    paths
}

/// Waits until a stream is cut, and skips earlier messages.
async fn is_cut(mut stream: WebSocket) {
    while next(&mut stream).await.is_some() {}
}

db_test! {
    async fn every_stream_is_cut_when_its_session_ends(db: Db) {
        let server = TestServer::new(db);
        let (mut owner, workspace_id) = server.set_up().await;
        let address = server.serve().await;
        let fake = Fake::join(&mut owner, workspace_id, "fake", address).await;
        let app = App::deploy(&mut owner, workspace_id, &fake).await;
        let paths = streams(workspace_id, &app);
        let mut open = Vec::new();
        for path in &paths {
            open.push(open_as(&owner, address, path).await.unwrap());
        }
        owner.call(Method::DELETE, "/session", None).await;
        for stream in open {
            is_cut(stream).await;
        }
        for path in &paths {
            assert_eq!(open_as(&owner, address, path).await.err(), Some(401), "{path}");
        }
    }

    async fn every_stream_is_cut_when_its_token_is_deleted(db: Db) {
        let server = TestServer::new(db);
        let (mut owner, workspace_id) = server.set_up().await;
        let address = server.serve().await;
        let fake = Fake::join(&mut owner, workspace_id, "fake", address).await;
        let app = App::deploy(&mut owner, workspace_id, &fake).await;
        let tokens = format!("/workspace/{workspace_id}/api-token");
        let created = owner.post(&tokens, &json!({"name": "ci", "role": "owner"})).await;
        let program = server.program(created.body["token"].as_str().unwrap());
        let paths = streams(workspace_id, &app);
        let mut open = Vec::new();
        for path in &paths {
            open.push(open_as(&program, address, path).await.unwrap());
        }
        let id = created.body["api_token"]["api_token_id"].as_str().unwrap();
        let token = format!("{tokens}/{id}");
        assert_eq!(owner.call(Method::DELETE, &token, None).await.status, 204);
        for stream in open {
            is_cut(stream).await;
        }
        for path in &paths {
            assert_eq!(open_as(&program, address, path).await.err(), Some(401), "{path}");
        }
    }

    async fn every_stream_is_cut_when_its_reader_leaves_the_workspace(db: Db) {
        let server = TestServer::new(db.clone());
        let (mut owner, workspace_id) = server.set_up().await;
        let address = server.serve().await;
        let fake = Fake::join(&mut owner, workspace_id, "fake", address).await;
        let app = App::deploy(&mut owner, workspace_id, &fake).await;
        let paths = streams(workspace_id, &app);
        let mut open = Vec::new();
        for path in &paths {
            open.push(open_as(&owner, address, path).await.unwrap());
        }
        testing::execute(&db, "DELETE FROM membership").await;
        server.app.bus.publish(Event::Resync);
        for stream in open {
            is_cut(stream).await;
        }
        for path in &paths {
            assert_eq!(open_as(&owner, address, path).await.err(), Some(404), "{path}");
        }
        eventually("no program runs any more", async || {
            (fake.platform.programs() == 0).then_some(())
        })
        .await;
    }

    async fn every_stream_closes_when_its_readers_role_changes(db: Db) {
        let server = TestServer::new(db.clone());
        let (mut owner, workspace_id) = server.set_up().await;
        let address = server.serve().await;
        let fake = Fake::join(&mut owner, workspace_id, "fake", address).await;
        let app = App::deploy(&mut owner, workspace_id, &fake).await;
        let mut open = Vec::new();
        for path in &streams(workspace_id, &app) {
            open.push(open_as(&owner, address, path).await.unwrap());
        }
        testing::execute(&db, "UPDATE membership SET role = 'viewer'").await;
        server.app.bus.publish(Event::Resync);
        for stream in open {
            is_cut(stream).await;
        }
    }
}
