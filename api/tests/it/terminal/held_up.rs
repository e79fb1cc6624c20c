//! Terminals beside a database that is busy.

use std::net::SocketAddr;

use api::{
    db::{Abandon, testing},
    error::AppError,
};
use harness::{
    Client, TestServer, eventually,
    log::lines,
    streams::{Link, hello},
    terminal::App,
};
use models::{
    WorkspaceId,
    runner::{LogBatch, PROTOCOL_VERSION, RunnerFrame, ServerFrame},
    value::Base64,
};
use serde_json::{Value, json};
use tokio::sync::oneshot;

use crate::terminal::page::Terminal;

/// Waits for the next frame for an exec.
async fn exec_frame(link: &mut Link) -> ServerFrame {
    loop {
        let frame = link.receive().await;
        if matches!(
            frame,
            ServerFrame::ExecOpen(_) | ServerFrame::ExecInput { .. }
        ) {
            return frame;
        }
    }
}

/// Connects a runner with one running app.
///
/// Returns the link, the app's path and its id.
async fn linked(
    owner: &mut Client,
    workspace_id: WorkspaceId,
    address: SocketAddr,
) -> (Link, String, Value) {
    let runners = format!("/workspace/{workspace_id}/runner");
    let made = owner.post(&runners, &json!({"name": "first"})).await.body;
    let mut link = Link::open(address, made["token"].as_str().unwrap()).await;
    link.send(&RunnerFrame::Hello(hello(PROTOCOL_VERSION)))
        .await;
    let path = format!("/workspace/{workspace_id}/deployment");
    let request = json!({
        "name": "app", "runner_id": made["runner"]["runner_id"], "spec": {"image": "app:1"},
    });
    let made = owner.post(&path, &request).await.body["deployment"].clone();
    let deployment_id = made["deployment_id"].clone();
    let path = format!("{path}/{}", deployment_id.as_str().unwrap());
    let running = json!({
        "type": "observation_changed",
        "workload": {
            "deployment_id": deployment_id, "generation": 1,
            "instances": [{
                "instance_id": uuid::Uuid::from_u128(1),
                "release_id": made["release"]["release_id"],
                "state": "running", "started_at": "2020-01-01T00:00:00Z",
            }],
        },
    });
    link.send_text(running.to_string()).await;
    (link, path, deployment_id)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_terminal_goes_on_while_a_report_of_its_link_waits_for_a_commit() {
    testing::with_sqlite(async |db| {
        let server = TestServer::new(db);
        let (mut owner, workspace_id) = server.set_up().await;
        let address = server.serve().await;
        let (mut link, path, deployment_id) = linked(&mut owner, workspace_id, address).await;
        let app = App::running(&mut owner, path).await;
        let mut terminal = Terminal::open(&owner, address, &app, "").await;
        let ServerFrame::ExecOpen(open) = exec_frame(&mut link).await else {
            panic!("no program is started");
        };
        let exec_id = open.exec_id;
        let output = |text: &str| RunnerFrame::ExecOutput {
            exec_id,
            bytes: Base64(text.into()),
        };
        // The terminal is recorded as open before anything is shown.
        link.send(&output("first")).await;
        terminal.shows("first").await;

        // There is one writing connection, so that nothing else is committed meanwhile.
        let (holds, held) = oneshot::channel();
        let (release, released) = oneshot::channel::<()>();
        let db = server.app.db.clone();
        let busy = tokio::spawn(async move {
            db.write(async |_| {
                holds.send(()).ok();
                released.await.ok();
                Ok::<_, AppError>(Abandon(()))
            })
            .await
        });
        held.await.unwrap();
        link.send(&RunnerFrame::Logs(LogBatch {
            batch: 7,
            deployment_id: serde_json::from_value(deployment_id).unwrap(),
            lines: lines(1, 0..3),
        }))
        .await;
        link.send(&output("second")).await;
        terminal.shows("second").await;
        terminal.type_in("third").await;
        let ServerFrame::ExecInput { bytes, .. } = exec_frame(&mut link).await else {
            panic!("nothing is typed");
        };
        assert_eq!(bytes.0, b"third");
        release.send(()).unwrap();
        busy.await.unwrap().unwrap();
        eventually("the report is handled", async || {
            let frame = link.receive().await;
            (frame == ServerFrame::LogsAcknowledged { batch: 7 }).then_some(())
        })
        .await;
    })
    .await;
}
