//! `GET /workspace/{workspace_id}/secret`

use macros::declare_api_endpoint;

use crate::{WorkspaceId, page::EnvironmentPageQuery, secret::Secret};

declare_api_endpoint! {
    /// List a workspace's secrets by name, without their values.
    ListSecrets,
    GET "/workspace/{workspace_id}/secret" {
        /// The workspace.
        workspace_id: WorkspaceId,
    },
    permission = Secret::View on workspace_id,
    rate = Reads,
    page = Secret,
    page_query = EnvironmentPageQuery,
    errors = [EnvironmentNotFound, ProjectNotFound],
}
