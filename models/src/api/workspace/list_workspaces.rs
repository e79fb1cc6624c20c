//! `GET /workspace`

use macros::declare_api_endpoint;

use crate::workspace::Workspace;

declare_api_endpoint! {
    /// List the workspaces of which the caller is a member, by name.
    ListWorkspaces,
    GET "/workspace",
    access = signed_in,
    rate = Reads,
    page = Workspace,
}
