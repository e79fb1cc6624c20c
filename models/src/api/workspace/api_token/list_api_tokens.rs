//! `GET /workspace/{workspace_id}/api-token`

use macros::declare_api_endpoint;

use crate::{WorkspaceId, api_token::ApiToken};

declare_api_endpoint! {
    /// List the caller's API tokens in a workspace by name, without their texts.
    ListApiTokens,
    GET "/workspace/{workspace_id}/api-token" {
        /// The workspace.
        workspace_id: WorkspaceId,
    },
    permission = Workspace::View on workspace_id,
    rate = Reads,
    page = ApiToken,
}
