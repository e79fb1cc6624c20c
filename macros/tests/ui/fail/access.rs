//! Who may call.

use macros::declare_api_endpoint;

declare_api_endpoint! {
    /// A kind of caller that there is not.
    WrongAccess,
    GET "/thing", access = everybody, rate = Reads, response = 200
}

declare_api_endpoint! {
    /// Two answers to one question.
    BothWays,
    GET "/workspace/{workspace_id}" {
        /// The workspace.
        workspace_id: models::WorkspaceId,
    },
    access = public, permission = Workspace::View on workspace_id, rate = Reads, response = 200
}

declare_api_endpoint! {
    /// A permission on nothing.
    WithoutOn,
    GET "/workspace/{workspace_id}" {
        /// The workspace.
        workspace_id: models::WorkspaceId,
    },
    permission = Workspace::View of workspace_id, rate = Reads, response = 200
}

declare_api_endpoint! {
    /// A permission on a field of something else.
    OnAnotherField,
    GET "/workspace/{workspace_id}" {
        /// The workspace.
        workspace_id: models::WorkspaceId,
    },
    permission = Workspace::View on deployment_id, rate = Reads, response = 200
}

fn main() {}
