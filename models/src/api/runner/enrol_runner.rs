//! `GET /runner/enrolment`

use macros::declare_stream_endpoint;

use crate::runner::{EnrolmentAnswer, EnrolmentFrame};

declare_stream_endpoint! {
    /// Ask to be registered as a runner.
    ///
    /// For a runner that has no token. It says what it is, shows the code that it is answered with,
    /// and waits until somebody who may register runners enters that code and approves.
    EnrolRunner,
    GET "/runner/enrolment",
    access = public,
    rate = Credentials,
    client_message = EnrolmentFrame,
    server_message = EnrolmentAnswer,
    errors = [EnrolmentEnded, EnrolmentRefused, ProtocolVersionUnsupported, TooManyEnrolments],
}
