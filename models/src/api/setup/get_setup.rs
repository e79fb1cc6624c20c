//! `GET /setup`

use macros::declare_api_endpoint;

declare_api_endpoint! {
    /// Say whether the server has its administrator.
    GetSetup,
    GET "/setup",
    access = public,
    rate = Reads,
    response = 200 {
        /// Whether set-up is done.
        is_done: bool,
    },
}
