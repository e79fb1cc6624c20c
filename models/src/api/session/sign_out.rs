//! `DELETE /session`

use macros::declare_api_endpoint;

declare_api_endpoint! {
    /// Sign out.
    ///
    /// The session ends immediately, in all tabs and on all servers.
    SignOut,
    DELETE "/session",
    access = signed_in,
    rate = Writes,
    audit = "session.delete",
    response = 204,
}
