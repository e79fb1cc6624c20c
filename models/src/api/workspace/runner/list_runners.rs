//! `GET /workspace/{workspace_id}/runner`

use macros::declare_api_endpoint;

use crate::{WorkspaceId, runner::Runner};

declare_api_endpoint! {
    /// List a workspace's runners, by name.
    ListRunners,
    GET "/workspace/{workspace_id}/runner" {
        /// The workspace.
        workspace_id: WorkspaceId,
    },
    permission = Runner::View on workspace_id,
    rate = Reads,
    page = Runner,
}
