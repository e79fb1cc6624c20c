//! A runner with a stolen token.
//!
//! The server trusts it only about its own deployments, and its reports harm nobody else.

use std::net::SocketAddr;

use api::{db::Db, db_test};
use axum::http::Method;
use harness::{
    Client, TestServer, Things,
    contents::state,
    eventually,
    streams::{Link, hello},
};
use models::runner::{MAX_RUNNER_FRAME_BYTES, PROTOCOL_VERSION, RunnerFrame, ServerFrame};
use serde_json::{Value, json};

use crate::replay::corpus;

/// A server with resources, and the token of the runner that has the deployment.
struct Fixture {
    server: TestServer,
    owner: Client,
    things: Things,
    address: SocketAddr,
    token: String,
}

impl Fixture {
    async fn new(db: Db) -> Self {
        let server = TestServer::new(db);
        let (mut owner, workspace_id) = server.set_up().await;
        let things = Things::make(&server, &mut owner, workspace_id).await;
        let address = server.serve().await;
        let rotate = format!(
            "/workspace/{workspace_id}/runner/{}/rotate-token",
            things.runner_id
        );
        let token = owner.call(Method::POST, &rotate, None).await.body["token"].clone();
        let token = token.as_str().unwrap().to_owned();
        Self {
            server,
            owner,
            things,
            address,
            token,
        }
    }

    /// Opens a link, once the previous one has ended.
    async fn link(&self) -> Link {
        eventually("the link stands", async || {
            let mut link = Link::open(self.address, &self.token).await;
            link.send(&RunnerFrame::Hello(hello(PROTOCOL_VERSION)))
                .await;
            match link.receive().await {
                ServerFrame::Welcome { .. } => Some(link),
                _ => None,
            }
        })
        .await
    }

    fn release(&self, failure: &str) -> Value {
        json!({"type": "release", "deployment_id": self.things.deployment_id,
            "release_id": self.things.release_id, "phase": "pulling",
            "progress": {"message": failure, "done_bytes": 1, "total_bytes": 2},
            "failure": {"fault": "user", "code": failure, "message": failure}})
    }

    fn log(&self, batch: u64, text: &str) -> Value {
        json!({"type": "logs", "batch": batch, "deployment_id": self.things.deployment_id, "lines": [{
            "instance_id": uuid::Uuid::nil(), "at": "2026-01-01T00:00:00Z", "ordinal": batch,
            "stream": "stderr", "text": text,
        }]})
    }
}

db_test! {
    async fn any_text_in_any_frame_is_kept_or_dropped_and_the_link_stands(db: Db) {
        let mut fixture = Fixture::new(db).await;
        let mut link = fixture.link().await;
        let path = fixture.things.path_of_deployment();
        for (number, text) in corpus::ALL.iter().enumerate() {
            let batch = number as u64 + 1;
            for frame in [
                fixture.release(text),
                json!({"type": "observation_changed", "workload": {
                    "deployment_id": fixture.things.deployment_id, "generation": 1,
                    "instances": [{"instance_id": uuid::Uuid::nil(), "state": "running",
                        "release_id": fixture.things.release_id,
                        "ports": [{"number": 80, "protocol": "http", "address": text}]}],
                }}),
                json!({"type": "volume_removal_failed", "volume_id": fixture.things.volume_id,
                    "failure": {"fault": "user", "code": text, "message": text}}),
                json!({"type": text, "deployment_id": text}),
                fixture.log(batch, text),
            ] {
                link.send_text(frame.to_string()).await;
            }
            while link.receive().await != (ServerFrame::LogsAcknowledged { batch }) {}
            let answer = fixture.owner.get(&path).await;
            assert_eq!(answer.status, 200, "{text:?}: {answer:?}");
            assert_eq!(answer.body["deployment"]["observed"]["instances"][0]["ports"], Value::Null, "{text:?}");
        }
        // A failed release reports its reason in arbitrary text.
        let mut failed = fixture.release("a\0b\u{1b}[2J\u{202e}");
        failed["phase"] = "failed".into();
        link.send_text(failed.to_string()).await;
        let message = eventually("it has failed", async || {
            let release = fixture.owner.get(&path).await.body["deployment"]["release"].clone();
            (release["phase"] == "failed").then(|| release["failure"]["message"].clone())
        })
        .await;
        assert!(!message.as_str().unwrap().contains('\0'), "{message}");
    }

    async fn the_description_of_a_runner_is_truncated_and_shown(db: Db) {
        let mut fixture = Fixture::new(db).await;
        let runner = format!("/workspace/{}/runner/{}", fixture.things.workspace_id, fixture.things.runner_id);
        for text in ["a\0b", "\u{1b}[2J", &"a".repeat(100_000)] {
            let mut hello = hello(PROTOCOL_VERSION);
            let about = &mut hello.about;
            about.platform_api = Some(text.to_owned());
            about.tested_platforms = vec![text.to_owned(); 2];
            for field in [&mut about.kind, &mut about.version, &mut about.platform_version,
                &mut about.os, &mut about.arch, &mut about.host_name] {
                text.clone_into(field);
            }
            about.memory_bytes = u64::MAX;
            let shown = eventually("the link stands", async || {
                let mut link = Link::open(fixture.address, &fixture.token).await;
                link.send(&RunnerFrame::Hello(hello.clone())).await;
                matches!(link.receive().await, ServerFrame::Welcome { .. }).then_some(())?;
                Some(fixture.owner.get(&runner).await.body["runner"]["about"].clone())
            })
            .await;
            for field in ["kind", "version", "platform_version", "platform_api", "os", "arch", "host_name"] {
                let shown = shown[field].as_str().unwrap();
                assert!(shown.len() <= 255, "{} bytes of {field} were kept", shown.len());
                assert!(!shown.contains(char::is_control), "{field} is {shown:?}");
            }
        }
    }

    async fn an_invalid_frame_ends_the_link_and_nothing_else(db: Db) {
        let mut fixture = Fixture::new(db.clone()).await;
        let path = fixture.things.path_of_deployment();
        let before = fixture.owner.get(&path).await.body["deployment"]["release"].clone();
        let release = fixture.release("");
        let digest = |digest: &str| {
            let mut frame = release.clone();
            frame["image_digest"] = digest.into();
            frame.to_string()
        };
        for garbage in [
            String::new(),
            "null".to_owned(),
            "[]".to_owned(),
            "{".to_owned(),
            "{}".to_owned(),
            "\u{0}".to_owned(),
            "[".repeat(500_000),
            "{\"type\":".repeat(100_000),
            format!("{{\"type\": \"heartbeat\", \"a\": \"{}\"}}", "a".repeat(MAX_RUNNER_FRAME_BYTES)),
            json!({"type": "release", "phase": "live"}).to_string(),
            digest("../../containers"),
            digest("sha256:00"),
            json!({"type": "tag_resolved", "deployment_id": fixture.things.deployment_id,
                "image": "app", "poll_serial": 1, "digest": "sha256:../../x"}).to_string(),
            json!({"type": "observed", "workloads": {}}).to_string(),
            json!({"type": "logs", "batch": -1, "deployment_id": "x", "lines": []}).to_string(),
            json!({"type": "exec_output", "exec_id": uuid::Uuid::nil(), "bytes": "%%%"}).to_string(),
        ] {
            let mut link = fixture.link().await;
            link.send_text(garbage.clone()).await;
            link.ends().await;
            let after = fixture.owner.get(&path).await;
            assert_eq!(after.status, 200, "{garbage:.80}");
            assert_eq!(after.body["deployment"]["release"], before, "{garbage:.80}");
        }
    }

    async fn a_flood_about_others_changes_nothing(db: Db) {
        let fixture = Fixture::new(db.clone()).await;
        let mut link = fixture.link().await;
        // Skips the initial desired state.
        while !matches!(link.receive().await, ServerFrame::DesiredState { more: false, .. }) {}
        let before = state(&db).await;
        let id = uuid::Uuid::now_v7;
        for round in 0..200 {
            let (deployment_id, release_id, instance_id) = (id(), id(), id());
            for frame in [
                json!({"type": "release", "deployment_id": deployment_id, "release_id": release_id, "phase": "live"}),
                json!({"type": "release", "deployment_id": fixture.things.deployment_id,
                    "release_id": release_id, "phase": "live"}),
                json!({"type": "removed", "deployment_id": deployment_id, "generation": i64::MAX}),
                // Its own deployment, which nobody asked it to delete.
                json!({"type": "removed", "deployment_id": fixture.things.deployment_id, "generation": i64::MAX}),
                json!({"type": "volume_removed", "volume_id": id()}),
                json!({"type": "volume_removed", "volume_id": fixture.things.volume_id}),
                json!({"type": "observation_changed", "workload": {
                    "deployment_id": deployment_id, "generation": i64::MIN, "instances": []}}),
                json!({"type": "stats", "samples": []}),
                json!({"type": "exec_output", "exec_id": id(), "bytes": "YQ=="}),
                json!({"type": "exec_exited", "exec_id": id(), "code": i64::MAX}),
                json!({"type": "exec_credit", "exec_id": id(), "bytes": u32::MAX}),
                json!({"type": "logs", "batch": round + 1, "deployment_id": deployment_id, "lines": [{
                    "instance_id": instance_id, "at": "2026-01-01T00:00:00Z", "ordinal": 0,
                    "stream": "stdout", "text": "forged"}]}),
            ] {
                link.send_text(frame.to_string()).await;
            }
        }
        while link.receive().await != (ServerFrame::LogsAcknowledged { batch: 200 }) {}
        let after = state(&db).await;
        for (table, rows) in before {
            // Meanwhile the lease of its own link is renewed, and jobs come and go.
            if !["runner", "job"].contains(&table.as_str()) {
                assert_eq!(rows, after[&table], "{table}");
            }
        }
        drop(fixture.server);
    }
}
