//! Limits on the frames of a runner's link, in both directions.

use api::db_test;
use harness::{
    TestServer,
    streams::{Link, hello},
};
use models::runner::{
    MAX_RUNNER_FRAME_BYTES, MAX_SERVER_FRAME_BYTES, PROTOCOL_VERSION, RunnerFrame, ServerFrame,
};
use serde_json::{Value, json};

/// The size of one part of the desired state.
const PART_BYTES: usize = MAX_SERVER_FRAME_BYTES / 16;

/// A frame of exactly this many bytes without an effect.
fn frame_of(bytes: usize) -> String {
    let mut frame = json!({"type": "heartbeat", "filling": ""});
    let filling = "x".repeat(bytes - frame.to_string().len());
    frame["filling"] = filling.into();
    frame.to_string()
}

db_test! {
    async fn a_frame_that_is_too_large_ends_a_runners_link(db: Db) {
        let server = TestServer::new(db);
        let (mut owner, workspace_id) = server.set_up().await;
        let address = server.serve().await;
        let runners = format!("/workspace/{workspace_id}/runner");
        let made = owner.post(&runners, &json!({"name": "first"})).await;
        let mut link = Link::open(address, made.body["token"].as_str().unwrap()).await;
        link.send(&RunnerFrame::Hello(hello(PROTOCOL_VERSION))).await;
        assert!(matches!(link.receive().await, ServerFrame::Welcome { .. }));
        assert!(matches!(link.receive().await, ServerFrame::DesiredState { .. }));
        link.send_text(frame_of(MAX_RUNNER_FRAME_BYTES)).await;
        // The frame was accepted: the link still answers.
        link.send_text(json!({
            "type": "logs", "batch": 7, "deployment_id": uuid::Uuid::nil(), "lines": [],
        }).to_string()).await;
        assert_eq!(link.receive().await, ServerFrame::LogsAcknowledged { batch: 7 });
        link.send_text(frame_of(MAX_RUNNER_FRAME_BYTES + 1)).await;
        assert!(link.has_ended().await);
    }

    async fn a_desired_state_comes_in_parts_that_a_runner_takes(db: Db) {
        let server = TestServer::new(db);
        let (mut owner, workspace_id) = server.set_up().await;
        let address = server.serve().await;
        let workspace = format!("/workspace/{workspace_id}");
        let made = owner.post(&format!("{workspace}/runner"), &json!({"name": "first"})).await;
        let token = made.body["token"].as_str().unwrap().to_owned();
        let mut all: Vec<Value> = Vec::new();
        for number in 0..5 {
            // Three of them do not fit into one part.
            let files: Vec<Value> = (0..4)
                .map(|file| json!({"path": format!("/etc/{file}.conf"), "content": "x".repeat(100 * 1024)}))
                .collect();
            let app = json!({
                "name": format!("app-{number}"), "runner_id": made.body["runner"]["runner_id"],
                "spec": {"image": "app:1", "config_files": files},
            });
            let made = owner.post(&format!("{workspace}/deployment"), &app).await;
            assert_eq!(made.status, 201, "{made:?}");
            all.push(made.body["deployment"]["deployment_id"].clone());
        }
        let mut link = Link::open(address, &token).await;
        link.send(&RunnerFrame::Hello(hello(PROTOCOL_VERSION))).await;
        assert!(matches!(link.receive().await, ServerFrame::Welcome { .. }));
        let mut parts: Vec<Vec<Value>> = Vec::new();
        loop {
            let part = link.receive_value().await;
            assert_eq!(part["type"], "desired_state");
            let workloads = part["workloads"].as_array().unwrap();
            let bytes: usize = workloads.iter().map(|workload| workload.to_string().len()).sum();
            assert!(bytes <= PART_BYTES, "a part has {bytes} bytes of workloads");
            parts.push(workloads.iter().map(|workload| workload["deployment_id"].clone()).collect());
            if part["more"] != true {
                break;
            }
        }
        assert_eq!(parts.iter().map(Vec::len).collect::<Vec<_>>(), [2, 2, 1]);
        let mut received = parts.concat();
        let text = |id: &Value| id.as_str().unwrap().to_owned();
        received.sort_by_key(text);
        all.sort_by_key(text);
        assert_eq!(received, all);
    }
}
