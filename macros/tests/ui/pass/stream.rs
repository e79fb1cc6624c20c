//! Streams with messages of their own and with messages that exist already.
#![expect(unexpected_cfgs, reason = "only `models` has the feature `schema`")]

use macros::declare_stream_endpoint;
use models::{
    WorkspaceId,
    deployment::LogStream,
    endpoint::{Empty, StreamEndpoint},
};

declare_stream_endpoint! {
    /// Follow something.
    FollowThing,
    GET "/workspace/{workspace_id}/thing/stream" {
        /// The workspace.
        workspace_id: WorkspaceId,
    },
    permission = Workspace::View on workspace_id,
    rate = Reads,
    query = {
        /// Where to begin.
        after: Option<i64>,
    },
    client_message = {
        /// Slower, please.
        SlowDown {
            /// How much.
            factor: u8,
        },
    },
    server_message = {
        /// It is over.
        Gone,
    },
    errors = [NotFound],
}

declare_stream_endpoint! {
    /// Follow as a runner.
    FollowAsRunner,
    GET "/runner/thing",
    access = runner,
    rate = Credentials,
    server_message = LogStream,
}

fn main() {
    let info = FollowThing::INFO;
    assert!(info.stream && !info.paginated);
    assert_eq!((info.method.as_str(), info.audit), ("GET", None));
    let slower = FollowThingClientMessage::SlowDown { factor: 2 };
    assert_eq!(serde_json::to_string(&slower).unwrap(), r#"{"type":"slow_down","factor":2}"#);
    let gone = serde_json::to_string(&FollowThingServerMessage::Gone).unwrap();
    assert_eq!(gone, r#"{"type":"gone"}"#);

    let _: <FollowAsRunner as StreamEndpoint>::ServerMessage = LogStream::Stdout;
    let _: <FollowAsRunner as StreamEndpoint>::ClientMessage = Empty {};
}
