//! `GET /session`

use macros::declare_api_endpoint;

use crate::user::User;

declare_api_endpoint! {
    /// Say who is signed in.
    GetSession,
    GET "/session",
    access = signed_in,
    rate = Reads,
    response = 200 {
        /// The person.
        user: User,
    },
}
