//! What only streams get wrong.

use macros::declare_stream_endpoint;

declare_stream_endpoint! {
    /// A stream that begins with another method.
    ByPost,
    POST "/thing/stream", access = public, rate = Reads, server_message = { /** It is over. */ Gone }
}

declare_stream_endpoint! {
    /// A stream with an endpoint's key.
    WithResponse,
    GET "/thing/stream", access = public, rate = Reads, response = 200
}

declare_stream_endpoint! {
    /// A stream that says nothing.
    Silent,
    GET "/thing/stream", access = public, rate = Reads
}

declare_stream_endpoint! {
    /// A message of which nobody knows what it means.
    UndocumentedMessage,
    GET "/thing/stream", access = public, rate = Reads, server_message = { Gone }
}

declare_stream_endpoint! {
    /// A field of a message of which nobody knows what it is.
    UndocumentedFieldOfMessage,
    GET "/thing/stream", access = public, rate = Reads,
    server_message = { /** It moved. */ Moved { by: i64 } }
}

fn main() {}
