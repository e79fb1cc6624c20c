//! `GET /workspace/{workspace_id}/registry`

use macros::declare_api_endpoint;

use crate::{WorkspaceId, registry::Registry};

declare_api_endpoint! {
    /// List a workspace's registries by host, without their passwords.
    ListRegistries,
    GET "/workspace/{workspace_id}/registry" {
        /// The workspace.
        workspace_id: WorkspaceId,
    },
    permission = Registry::View on workspace_id,
    rate = Reads,
    page = Registry,
}
