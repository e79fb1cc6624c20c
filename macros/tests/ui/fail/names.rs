//! Names that are right for the macros and lead nowhere.
#![expect(unexpected_cfgs, reason = "only `models` has the feature `schema`")]

use macros::declare_api_endpoint;

declare_api_endpoint! {
    /// A rate class that there is not.
    UnknownRate,
    GET "/thing", access = public, rate = Sometimes, response = 200
}

declare_api_endpoint! {
    /// An error code that there is not.
    UnknownError,
    GET "/thing", access = public, rate = Reads, response = 200, errors = [ThingOnFire]
}

declare_api_endpoint! {
    /// A permission that there is not.
    UnknownAction,
    GET "/workspace/{workspace_id}" {
        /// The workspace.
        workspace_id: models::WorkspaceId,
    },
    permission = Workspace::Repaint on workspace_id, rate = Reads, response = 200
}

fn main() {}
