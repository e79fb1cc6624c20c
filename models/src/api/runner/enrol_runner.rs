//! `GET /runner/enrolment`

use macros::declare_stream_endpoint;

use crate::runner::{EnrolmentAnswer, EnrolmentFrame};

declare_stream_endpoint! {
    /// Ask to be registered as a runner.
    ///
    /// For a runner without a token. It describes itself, shows the code that it receives, and
    /// waits until a person who may register runners enters that code and approves it.
    EnrolRunner,
    GET "/runner/enrolment",
    access = public,
    rate = Credentials,
    client_message = EnrolmentFrame,
    server_message = EnrolmentAnswer,
    errors = [EnrolmentEnded, EnrolmentRefused, ProtocolVersionUnsupported, TooManyEnrolments],
}
