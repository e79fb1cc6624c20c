//! `DELETE /workspace/{workspace_id}/secret/{secret_id}`

use macros::declare_api_endpoint;

use crate::{SecretId, WorkspaceId};

declare_api_endpoint! {
    /// Delete a secret that no deployment uses.
    DeleteSecret,
    DELETE "/workspace/{workspace_id}/secret/{secret_id}" {
        /// The workspace that owns it.
        workspace_id: WorkspaceId,
        /// The secret.
        secret_id: SecretId,
    },
    permission = Secret::Delete on workspace_id,
    rate = Writes,
    audit = "secret.delete",
    response = 204,
    errors = [SecretInUse],
}
