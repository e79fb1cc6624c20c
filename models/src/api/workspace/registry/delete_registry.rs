//! `DELETE /workspace/{workspace_id}/registry/{registry_id}`

use macros::declare_api_endpoint;

use crate::{RegistryId, WorkspaceId};

declare_api_endpoint! {
    /// Forget the credentials for a registry.
    ///
    /// What runs goes on. Images that are not on a machine yet are pulled without credentials from
    /// now on.
    DeleteRegistry,
    DELETE "/workspace/{workspace_id}/registry/{registry_id}" {
        /// The workspace that keeps them.
        workspace_id: WorkspaceId,
        /// The registry.
        registry_id: RegistryId,
    },
    permission = Registry::Delete on workspace_id,
    rate = Writes,
    audit = "registry.delete",
    response = 204,
}
