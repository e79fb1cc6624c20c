//! Reading a log.

use insta::assert_snapshot;
use models::{
    api::workspace::deployment::{
        ListLogLines, ListLogLinesPath, ListLogLinesQuery, ListLogLinesResponse,
    },
    deployment::LogStream,
    endpoint::Empty,
};

use super::{at, deployment_id, line, workspace_id};
use crate::exchange::exchange;

#[test]
fn read() {
    let path = ListLogLinesPath {
        workspace_id: workspace_id(),
        deployment_id: deployment_id(),
    };
    let query = ListLogLinesQuery {
        before: None,
        after: Some(41),
        from: Some(at(0)),
        to: None,
        instance_id: None,
        stream: Some(LogStream::Stdout),
        search: Some("hello world".to_owned()),
        limit: Some(1),
    };
    let response = ListLogLinesResponse {
        lines: vec![line()],
        older: Some(42),
        newer: None,
        is_complete: true,
    };
    let call = exchange::<ListLogLines>(path, query, Empty {}, response);
    assert_snapshot!(call);
}
