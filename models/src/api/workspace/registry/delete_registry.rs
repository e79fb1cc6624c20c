//! `DELETE /workspace/{workspace_id}/registry/{registry_id}`

use macros::declare_api_endpoint;

use crate::{RegistryId, WorkspaceId};

declare_api_endpoint! {
    /// Delete the credentials for a registry.
    ///
    /// Running instances continue. From now on, images that are not on a host yet are pulled
    /// without credentials.
    DeleteRegistry,
    DELETE "/workspace/{workspace_id}/registry/{registry_id}" {
        /// The workspace that owns them.
        workspace_id: WorkspaceId,
        /// The registry.
        registry_id: RegistryId,
    },
    permission = Registry::Delete on workspace_id,
    rate = Writes,
    audit = "registry.delete",
    response = 204,
}
