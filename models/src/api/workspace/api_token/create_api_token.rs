//! `POST /workspace/{workspace_id}/api-token`

use macros::declare_api_endpoint;

use crate::{
    WorkspaceId,
    api_token::{ApiToken, MAX_LIFETIME_DAYS},
    rbac::Role,
    value::{ResourceName, ShownOnce},
};

declare_api_endpoint! {
    /// Create an API token that acts for the caller in this workspace.
    ///
    /// The response is the only one that shows the token. An API token cannot create another.
    CreateApiToken,
    POST "/workspace/{workspace_id}/api-token" {
        /// The workspace that it will be valid in.
        workspace_id: WorkspaceId,
    },
    permission = Workspace::View on workspace_id,
    rate = Writes,
    audit = "api_token.create",
    request = {
        /// Its name, unique among the caller's tokens in the workspace.
        #[garde(dive)]
        name: ResourceName,
        /// The role that limits it. It never allows more than the caller's own role.
        #[garde(skip)]
        role: Role,
        /// The number of days until it expires, from 1 to 3650; 90 when left out.
        #[garde(inner(range(min = 1, max = MAX_LIFETIME_DAYS)))]
        expires_in_days: Option<u16>,
    },
    response = 201 {
        /// The new API token.
        api_token: ApiToken,
        /// The token, for the header `Authorization: Bearer …`; only its hash is stored.
        token: ShownOnce,
    },
    errors = [ApiTokenNameTaken, TooManyApiTokens],
}
