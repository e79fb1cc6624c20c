//! `GET /workspace/{workspace_id}/environment`

use macros::declare_api_endpoint;

use crate::{WorkspaceId, environment::Environment};

declare_api_endpoint! {
    /// List a workspace's environments, by the names of their projects and their own.
    ListEnvironments,
    GET "/workspace/{workspace_id}/environment" {
        /// The workspace.
        workspace_id: WorkspaceId,
    },
    permission = Environment::View on workspace_id,
    rate = Reads,
    page = Environment,
}
