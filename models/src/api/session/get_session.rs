//! `GET /session`

use macros::declare_api_endpoint;

use crate::user::User;

declare_api_endpoint! {
    /// Get the signed-in person.
    GetSession,
    GET "/session",
    access = signed_in,
    rate = Reads,
    response = 200 {
        /// The person.
        user: User,
    },
}
