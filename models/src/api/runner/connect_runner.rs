//! `GET /runner/link`

use macros::declare_stream_endpoint;

use crate::runner::{RunnerFrame, ServerFrame};

declare_stream_endpoint! {
    /// Connect as a runner.
    ///
    /// Opens the one link between a runner and the server; the token identifies the runner. See
    /// `docs/ADDING-A-RUNNER.md` for the order of the messages.
    ConnectRunner,
    GET "/runner/link",
    access = runner,
    rate = Reads,
    client_message = RunnerFrame,
    server_message = ServerFrame,
    errors = [RunnerAlreadyConnected, ProtocolVersionUnsupported],
}
