//! Messages of streams.

use insta::assert_snapshot;
use models::{
    api::workspace::{
        StreamWorkspaceServerMessage,
        deployment::{
            OpenTerminalClientMessage, OpenTerminalServerMessage, StreamDeploymentServerMessage,
            StreamLogLinesServerMessage, StreamStatsServerMessage,
        },
    },
    error::ErrorCode,
    value::Base64,
};

use super::{deployment_id, line, new_deployment, runner_id};
use crate::exchange::messages;

#[test]
fn messages_of_each() {
    let workspace = messages(&[
        StreamWorkspaceServerMessage::Resync,
        StreamWorkspaceServerMessage::DeploymentChanged {
            deployment_id: deployment_id(),
        },
        StreamWorkspaceServerMessage::RunnerChanged {
            runner_id: runner_id(),
        },
    ]);
    let deployment = messages(&[
        StreamDeploymentServerMessage::State {
            deployment: Box::new(new_deployment()),
        },
        StreamDeploymentServerMessage::Gone,
    ]);
    let log = messages(&[
        StreamLogLinesServerMessage::Lines {
            lines: vec![line()],
        },
        StreamLogLinesServerMessage::Gone,
    ]);
    let stats = messages(&[
        StreamStatsServerMessage::Sampled,
        StreamStatsServerMessage::Gone,
    ]);
    let typed = messages(&[
        OpenTerminalClientMessage::Input {
            bytes: Base64(b"ls\r".to_vec()),
        },
        OpenTerminalClientMessage::Resize {
            columns: 120,
            rows: 40,
        },
        OpenTerminalClientMessage::Taken { bytes: 3 },
    ]);
    let shown = messages(&[
        OpenTerminalServerMessage::Output {
            bytes: Base64(b"\x1b[1mls".to_vec()),
        },
        OpenTerminalServerMessage::Taken { bytes: 3 },
        OpenTerminalServerMessage::Exited {
            code: 0,
            oom_killed: false,
        },
        OpenTerminalServerMessage::Refused {
            code: ErrorCode::TerminalIdle,
            message: ErrorCode::TerminalIdle.message().to_owned(),
        },
    ]);
    let streams = [workspace, deployment, log, stats, typed, shown].join("\n");
    assert_snapshot!(streams);
}
