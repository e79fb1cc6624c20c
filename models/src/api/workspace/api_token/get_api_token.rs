//! `GET /workspace/{workspace_id}/api-token/{api_token_id}`

use macros::declare_api_endpoint;

use crate::{ApiTokenId, WorkspaceId, api_token::ApiToken};

declare_api_endpoint! {
    /// Get one of the caller's API tokens, without its text.
    GetApiToken,
    GET "/workspace/{workspace_id}/api-token/{api_token_id}" {
        /// The workspace that it is valid in.
        workspace_id: WorkspaceId,
        /// The API token.
        api_token_id: ApiTokenId,
    },
    permission = Workspace::View on workspace_id,
    rate = Reads,
    response = 200 {
        /// The API token.
        api_token: ApiToken,
    },
}
