//! `GET /workspace/{workspace_id}/secret/{secret_id}`

use macros::declare_api_endpoint;

use crate::{SecretId, WorkspaceId, secret::Secret};

declare_api_endpoint! {
    /// Get a secret and the deployments that use it, without its value.
    GetSecret,
    GET "/workspace/{workspace_id}/secret/{secret_id}" {
        /// The workspace that owns it.
        workspace_id: WorkspaceId,
        /// The secret.
        secret_id: SecretId,
    },
    permission = Secret::View on workspace_id,
    rate = Reads,
    response = 200 {
        /// The secret.
        secret: Secret,
    },
}
