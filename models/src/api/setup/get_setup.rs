//! `GET /setup`

use macros::declare_api_endpoint;

declare_api_endpoint! {
    /// Check if the server is set up.
    GetSetup,
    GET "/setup",
    access = public,
    rate = Reads,
    response = 200 {
        /// True if set-up is complete.
        is_done: bool,
    },
}
