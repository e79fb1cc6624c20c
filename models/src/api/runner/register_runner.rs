//! `GET /runner/registration`

use macros::declare_stream_endpoint;

use crate::runner::{RegistrationFrame, RegistrationReply};

declare_stream_endpoint! {
    /// Ask to be registered as a runner.
    ///
    /// For a runner without a token. It describes itself, shows the code that it receives, and
    /// waits until a person who may register runners enters that code and approves it.
    RegisterRunner,
    GET "/runner/registration",
    access = public,
    rate = Credentials,
    client_message = RegistrationFrame,
    server_message = RegistrationReply,
    errors = [RegistrationEnded, RegistrationDenied, ProtocolVersionUnsupported, TooManyRegistrations],
}
