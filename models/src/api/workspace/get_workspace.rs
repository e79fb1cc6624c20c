//! `GET /workspace/{workspace_id}`

use macros::declare_api_endpoint;

use crate::{WorkspaceId, workspace::Workspace};

declare_api_endpoint! {
    /// Get a workspace.
    GetWorkspace,
    GET "/workspace/{workspace_id}" {
        /// The workspace.
        workspace_id: WorkspaceId,
    },
    permission = Workspace::View on workspace_id,
    rate = Reads,
    response = 200 {
        /// The workspace.
        workspace: Workspace,
    },
}
