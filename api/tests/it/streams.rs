//! `WebSocket` streams: permissions, contents and ends.

use api::db_test;
use axum::http::{Method, header};
use futures::SinkExt;
use harness::{
    Fake, TestServer, eventually,
    streams::{Link, deploy, hello, next, open, open_as},
};
use models::{
    api::runner::ConnectRunner,
    client,
    endpoint::{Empty, HEARTBEAT},
    runner::{PROTOCOL_VERSION, RunnerFrame, ServerFrame},
};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

db_test! {
    async fn a_page_follows_a_deployment_until_it_is_gone(db: Db) {
        let server = TestServer::new(db);
        let (mut owner, workspace_id) = server.set_up().await;
        let address = server.serve().await;
        let fake = Fake::join(&mut owner, workspace_id, "fake", address).await;
        let path = format!("/workspace/{workspace_id}/deployment");
        let path = deploy(&mut owner, &path, &fake).await;
        let mut stream = open_as(&owner, address, &format!("{path}/stream")).await.unwrap();
        let mut phases = Vec::new();
        loop {
            let message = next(&mut stream).await.expect("the stream goes on");
            let release = &message["deployment"]["release"];
            phases.push(release["phase"].as_str().unwrap().to_owned());
            let running = message["deployment"]["observed"]["summary"] == "running";
            if running && release["phase"] == "live" {
                break;
            }
        }
        phases.dedup();
        assert_eq!(phases.last().map(String::as_str), Some("live"));
        owner.call(Method::DELETE, &path, None).await;
        let end = loop {
            let message = next(&mut stream).await.expect("it says that it is gone");
            if message["type"] != "state" {
                break message;
            }
        };
        assert_eq!(end["type"], "gone");
        assert!(next(&mut stream).await.is_none());
    }

    async fn signing_out_cuts_what_was_opened(db: Db) {
        let server = TestServer::new(db);
        let (mut owner, workspace_id) = server.set_up().await;
        let address = server.serve().await;
        let path = format!("/workspace/{workspace_id}/stream");
        let mut stream = open_as(&owner, address, &path).await.unwrap();
        assert_eq!(next(&mut stream).await.unwrap()["type"], "resync");
        owner.call(Method::DELETE, "/session", None).await;
        assert!(next(&mut stream).await.is_none());
        assert_eq!(open_as(&owner, address, &path).await.err(), Some(401));
    }

    async fn a_quiet_stream_sends_heartbeats(db: Db) {
        let server = TestServer::new(db);
        let (owner, workspace_id) = server.set_up().await;
        let address = server.serve().await;
        let path = format!("/workspace/{workspace_id}/stream");
        let mut stream = open_as(&owner, address, &path).await.unwrap();
        assert_eq!(next(&mut stream).await.unwrap()["type"], "resync");
        let heartbeat: Value = serde_json::from_str(HEARTBEAT).unwrap();
        assert_eq!(next(&mut stream).await.unwrap(), heartbeat);
    }

    async fn another_sites_page_opens_no_stream(db: Db) {
        let server = TestServer::new(db);
        let (owner, workspace_id) = server.set_up().await;
        let address = server.serve().await;
        let path = format!("/api/v1/workspace/{workspace_id}/stream");
        // A page under another name of the server counts as a foreign page too.
        for (host, status) in [("localhost:3000", 403), ("evil.example", 421)] {
            let headers = [
                (header::HOST, host.to_owned()),
                (header::COOKIE, owner.cookie()),
                (header::ORIGIN, "http://evil.example".to_owned()),
            ];
            assert_eq!(open(address, &path, &headers).await.err(), Some(status), "{host}");
        }
    }

    async fn another_workspaces_deployment_is_nothing_to_a_stranger(db: Db) {
        let server = TestServer::new(db);
        let (mut owner, workspace_id) = server.set_up().await;
        let address = server.serve().await;
        let fake = Fake::join(&mut owner, workspace_id, "fake", address).await;
        let path = format!("/workspace/{workspace_id}/deployment");
        let path = deploy(&mut owner, &path, &fake).await;
        let mut eve = server.person("eve", None).await;
        let own = eve.post("/workspace", &json!({"name": "eves"})).await;
        let own = own.body["workspace"]["workspace_id"].as_str().unwrap().to_owned();
        for stream in ["stream", "log/stream", "stats/stream"] {
            let theirs = format!("{path}/{stream}");
            assert_eq!(open_as(&eve, address, &theirs).await.err(), Some(404));
            let mixed = theirs.replace(&workspace_id.to_string(), &own);
            assert_eq!(open_as(&eve, address, &mixed).await.err(), Some(404));
        }
    }

    async fn a_deleted_runners_link_is_cut(db: Db) {
        let server = TestServer::new(db);
        let (mut owner, workspace_id) = server.set_up().await;
        let address = server.serve().await;
        let path = format!("/workspace/{workspace_id}/runner");
        let made = owner.post(&path, &json!({"name": "first"})).await;
        let mut link = Link::open(address, made.body["token"].as_str().unwrap()).await;
        link.send(&RunnerFrame::Hello(hello(PROTOCOL_VERSION))).await;
        assert!(matches!(link.receive().await, ServerFrame::Welcome { epoch: 1, .. }));
        assert!(matches!(link.receive().await, ServerFrame::DesiredState { .. }));
        let id = made.body["runner"]["runner_id"].as_str().unwrap();
        let path = format!("{path}/{id}");
        assert_eq!(owner.call(Method::DELETE, &path, None).await.status, 204);
        assert!(link.has_ended().await);
    }

    async fn a_new_token_cuts_the_link_of_the_old_one_and_takes_its_place(db: Db) {
        let server = TestServer::new(db);
        let (mut owner, workspace_id) = server.set_up().await;
        let address = server.serve().await;
        let path = format!("/workspace/{workspace_id}/runner");
        let made = owner.post(&path, &json!({"name": "first"})).await;
        let old = made.body["token"].as_str().unwrap();
        let id = made.body["runner"]["runner_id"].as_str().unwrap();
        let mut link = Link::open(address, old).await;
        link.send(&RunnerFrame::Hello(hello(PROTOCOL_VERSION))).await;
        assert!(matches!(link.receive().await, ServerFrame::Welcome { epoch: 1, .. }));
        assert!(matches!(link.receive().await, ServerFrame::DesiredState { .. }));

        let rotated = owner.call(Method::POST, &format!("{path}/{id}/rotate-token"), None).await;
        assert_eq!(rotated.status, 200, "{rotated:?}");
        assert_eq!(rotated.body["runner"]["runner_id"], id);
        let new = rotated.body["token"].as_str().unwrap();
        assert_ne!(new, old);
        assert!(link.has_ended().await);
        let runners = owner.get(&path).await;
        assert!(!runners.text.contains("berth_runner_"), "{}", runners.text);

        let url = client::stream_url::<ConnectRunner>(&Empty {}, &Empty {}).unwrap();
        let with = |token: &str| [(header::AUTHORIZATION, format!("Bearer {token}"))];
        assert_eq!(open(address, &url, &with(old)).await.err(), Some(401));
        // The lease of the cut link is released a moment later.
        let epoch = eventually("the new token connects", async || {
            let mut link = Link::open(address, new).await;
            link.send(&RunnerFrame::Hello(hello(PROTOCOL_VERSION))).await;
            match link.receive().await {
                ServerFrame::Welcome { epoch, .. } => Some(epoch),
                _ => None,
            }
        })
        .await;
        assert_eq!(epoch, 2);
    }

    async fn runners_behind_one_address_do_not_use_up_each_others_connections(db: Db) {
        let server = TestServer::with_settings(
            db,
            &[
                ("BERTH__RATE_LIMITS__CREDENTIALS__PER_MINUTE", "1"),
                ("BERTH__RATE_LIMITS__CREDENTIALS__BURST", "2"),
                ("BERTH__RATE_LIMITS__READS__PER_MINUTE", "1"),
                ("BERTH__RATE_LIMITS__READS__BURST", "2"),
            ],
        );
        let (mut owner, workspace_id) = server.set_up().await;
        let address = server.serve().await;
        let path = format!("/workspace/{workspace_id}/runner");
        for number in 0..5 {
            let made = owner.post(&path, &json!({"name": format!("runner-{number}")})).await;
            let mut link = Link::open(address, made.body["token"].as_str().unwrap()).await;
            link.send(&RunnerFrame::Hello(hello(PROTOCOL_VERSION))).await;
            assert!(matches!(link.receive().await, ServerFrame::Welcome { .. }), "{number}");
        }
        // Callers without a runner's token are limited by address.
        let url = client::stream_url::<ConnectRunner>(&Empty {}, &Empty {}).unwrap();
        let unknown = [(header::AUTHORIZATION, "Bearer berth_runner_none".to_owned())];
        let mut refused = Vec::new();
        for _ in 0..3 {
            refused.push(open(address, &url, &unknown).await.err());
        }
        assert_eq!(refused, [Some(401), Some(401), Some(429)]);
    }

    async fn a_runner_speaks_only_of_its_own(db: Db) {
        let server = TestServer::new(db);
        let (mut owner, workspace_id) = server.set_up().await;
        let address = server.serve().await;
        let fake = Fake::join(&mut owner, workspace_id, "honest", address).await;
        let deployments = format!("/workspace/{workspace_id}/deployment");
        let path = deploy(&mut owner, &deployments, &fake).await;
        let live = eventually("the release is live", async || {
            let deployment = owner.get(&path).await.body["deployment"].clone();
            (deployment["release"]["phase"] == "live").then_some(deployment)
        })
        .await;
        let hostile = owner
            .post(&format!("/workspace/{workspace_id}/runner"), &json!({"name": "hostile"}))
            .await;
        let mut link = Link::open(address, hostile.body["token"].as_str().unwrap()).await;
        link.send(&RunnerFrame::Hello(hello(PROTOCOL_VERSION))).await;
        link.receive().await;
        link.receive().await;
        let (deployment_id, release_id) = (&live["deployment_id"], &live["release"]["release_id"]);
        for frame in [
            json!({"type": "observation_changed", "workload": {
                "deployment_id": deployment_id, "generation": 9, "instances": [],
            }}),
            json!({"type": "observed", "workloads": [{
                "deployment_id": deployment_id, "generation": 9, "instances": [],
            }]}),
            json!({"type": "release", "deployment_id": deployment_id, "release_id": release_id,
                   "phase": "failed"}),
            json!({"type": "removed", "deployment_id": deployment_id, "generation": 99}),
            json!({"type": "logs", "batch": 7, "deployment_id": deployment_id, "lines": [{
                "instance_id": uuid::Uuid::nil(), "at": "2026-01-01T00:00:00Z", "ordinal": 0,
                "stream": "stdout", "text": "forged",
            }]}),
        ] {
            link.0.send(Message::text(frame.to_string())).await.unwrap();
        }
        // The acknowledgment of the last frame proves that all earlier ones were processed.
        assert_eq!(link.receive().await, ServerFrame::LogsAcknowledged { batch: 7 });
        let after = owner.get(&path).await.body["deployment"].clone();
        assert_eq!(after["observed"]["instances"], live["observed"]["instances"]);
        assert_eq!(after["release"]["phase"], "live");
        let log = owner.get(&format!("{path}/log")).await;
        assert!(!log.text.contains("forged"));
        // Garbage ends the link and has no other effect.
        link.0.send(Message::text("{")).await.unwrap();
        assert!(link.has_ended().await);
        assert_eq!(owner.get(&path).await.status, 200);
    }
}
