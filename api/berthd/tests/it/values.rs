//! Redaction of variables' values and files' contents.
//!
//! Readers without permission see only the names, and keep the values when they write.

use api::db_test;
use axum::http::Method;
use harness::{
    TestServer, Things,
    streams::{next, open_as},
};
use models::rbac::Role;
use serde_json::{Value, json};

use crate::{replay::walk, whole};

const VARIABLE: &str = "canary-variable-31d0";
const FILE: &str = "canary-file-77ab";

/// A specification with a value, an empty value, and a file.
fn spec() -> Value {
    json!({
        "image": "app:1",
        "environment": [{"name": "PLAIN", "value": VARIABLE}, {"name": "EMPTY", "value": ""}],
        "config_files": [{"path": "/etc/app.toml", "content": FILE}],
    })
}

fn hidden() -> Value {
    let hidden = |name: &str| json!({"name": name, "value": "", "is_hidden": true});
    json!({
        "image": "app:1",
        "environment": [hidden("PLAIN"), hidden("EMPTY")],
        "config_files": [{"path": "/etc/app.toml", "content": "", "is_hidden": true}],
    })
}

db_test! {
    async fn a_viewer_reads_the_names_of_variables_and_files_only(db: Db) {
        let server = TestServer::new(whole(db));
        let (mut owner, workspace_id) = server.set_up().await;
        let address = server.serve().await;
        let things = Things::make(&server, &mut owner, workspace_id).await;
        let path = things.path_of_deployment();
        let changed = owner.call(Method::PATCH, &path, Some(&json!({"spec": spec()}))).await;
        assert_eq!(changed.status, 200, "{changed:?}");
        let mut vera = server.person("vera", Some((workspace_id, Role::Viewer))).await;

        let seen = vera.get(&path).await.body["deployment"].clone();
        assert_eq!(seen["spec"], hidden());
        assert_eq!(seen["release"]["spec"], hidden());
        let stream = format!("{path}/stream");
        let mut stream = open_as(&vera, address, &stream).await.unwrap();
        let state = next(&mut stream).await.unwrap();
        assert!(state.to_string().contains("is_hidden"), "{state}");
        assert!(!state.to_string().contains("canary"), "{state}");

        let canaries = [VARIABLE, FILE];
        for (path, answer) in walk::everything(&mut vera, &things, &[]).await {
            for canary in canaries {
                assert!(!answer.text.contains(canary), "{path} shows {canary}");
            }
        }
        // An owner finds both, which proves that this test looks in the right places.
        let found = walk::everything(&mut owner, &things, &[]).await;
        for canary in canaries {
            let shown = found.iter().filter(|(_, answer)| answer.text.contains(canary));
            assert!(shown.count() > 3, "an owner hardly sees {canary}");
        }
    }

    async fn values_hidden_from_a_writer_are_kept(db: Db) {
        let server = TestServer::new(whole(db));
        let (mut owner, workspace_id) = server.set_up().await;
        let things = Things::make(&server, &mut owner, workspace_id).await;
        let path = things.path_of_deployment();
        owner.call(Method::PATCH, &path, Some(&json!({"spec": spec()}))).await;
        let before = owner.get(&path).await.body["deployment"].clone();
        assert_eq!(before["spec"]["environment"][0]["value"], VARIABLE);

        // Writing back the redacted specification changes nothing.
        let written = owner.call(Method::PATCH, &path, Some(&json!({"spec": hidden()}))).await;
        assert_eq!(written.status, 200, "{written:?}");
        assert_eq!(written.body["deployment"]["spec"], before["spec"]);
        assert_eq!(written.body["deployment"]["release"]["number"], before["release"]["number"]);

        // Other settings change, and one value is replaced.
        let mut other = hidden();
        other["image"] = json!("app:2");
        other["environment"][1] = json!({"name": "EMPTY", "value": "not any more"});
        let written = owner.call(Method::PATCH, &path, Some(&json!({"spec": other}))).await;
        let spec = &written.body["deployment"]["spec"];
        assert_eq!(spec["image"], "app:2");
        assert_eq!(spec["environment"][0], json!({"name": "PLAIN", "value": VARIABLE}));
        assert_eq!(spec["environment"][1]["value"], "not any more");
        assert_eq!(spec["config_files"][0]["content"], FILE);

        // A redacted value under a new name, or in a new deployment, has nothing to keep.
        let mut renamed = hidden();
        renamed["environment"][0]["name"] = json!("RENAMED");
        let answer = owner.call(Method::PATCH, &path, Some(&json!({"spec": renamed}))).await;
        assert_eq!((answer.status, answer.code()), (422, "validation_failed"));
        assert_eq!(answer.body["fields"][0]["field"], "spec.environment[0].is_hidden");
        let made = json!({"name": "other", "runner_id": things.runner_id, "spec": hidden()});
        let answer = owner.post(&format!("/workspace/{workspace_id}/deployment"), &made).await;
        assert_eq!((answer.status, answer.code()), (422, "validation_failed"));
    }
}
