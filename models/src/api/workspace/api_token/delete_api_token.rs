//! `DELETE /workspace/{workspace_id}/api-token/{api_token_id}`

use macros::declare_api_endpoint;

use crate::{ApiTokenId, WorkspaceId};

declare_api_endpoint! {
    /// Delete one of the caller's API tokens.
    ///
    /// It is refused from then on, and streams that it opened are closed.
    DeleteApiToken,
    DELETE "/workspace/{workspace_id}/api-token/{api_token_id}" {
        /// The workspace that it is valid in.
        workspace_id: WorkspaceId,
        /// The API token.
        api_token_id: ApiTokenId,
    },
    permission = Workspace::View on workspace_id,
    rate = Writes,
    audit = "api_token.delete",
    response = 204,
}
