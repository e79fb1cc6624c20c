//! `GET /runner/link`

use macros::declare_stream_endpoint;

use crate::runner::{RunnerFrame, ServerFrame};

declare_stream_endpoint! {
    /// Connect as a runner.
    ///
    /// The one link of a runner to the server; the token says which runner it is. See
    /// `docs/ADDING-A-RUNNER.md` for the order of the messages.
    ConnectRunner,
    GET "/runner/link",
    access = runner,
    rate = Reads,
    client_message = RunnerFrame,
    server_message = ServerFrame,
    errors = [RunnerAlreadyConnected, ProtocolVersionUnsupported],
}
