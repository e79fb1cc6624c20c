//! `GET /workspace/{workspace_id}/registry/{registry_id}`

use macros::declare_api_endpoint;

use crate::{RegistryId, WorkspaceId, registry::Registry};

declare_api_endpoint! {
    /// Get a registry and the deployments that pull from it, without its password.
    GetRegistry,
    GET "/workspace/{workspace_id}/registry/{registry_id}" {
        /// The workspace that owns its credentials.
        workspace_id: WorkspaceId,
        /// The registry.
        registry_id: RegistryId,
    },
    permission = Registry::View on workspace_id,
    rate = Reads,
    response = 200 {
        /// The registry.
        registry: Registry,
    },
}
