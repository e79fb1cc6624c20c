//! `PATCH /workspace/{workspace_id}/registry/{registry_id}`

use macros::declare_api_endpoint;

use crate::{
    RegistryId, WorkspaceId,
    registry::Registry,
    value::{RegistryUserName, SecretText},
};

declare_api_endpoint! {
    /// Replace the credentials for a registry.
    ///
    /// The next pull uses the new ones; no release is needed for that, and nothing that runs is
    /// touched.
    UpdateRegistry,
    PATCH "/workspace/{workspace_id}/registry/{registry_id}" {
        /// The workspace that keeps them.
        workspace_id: WorkspaceId,
        /// The registry.
        registry_id: RegistryId,
    },
    permission = Registry::Edit on workspace_id,
    rate = Writes,
    audit = "registry.update",
    request = {
        /// As whom images are pulled; the same as before when left out.
        #[garde(dive)]
        user_name: Option<RegistryUserName>,
        /// The password or token; the same as before when left out.
        #[garde(dive)]
        #[secret]
        password: Option<SecretText>,
    },
    response = 200 {
        /// The registry as it is now.
        registry: Registry,
    },
}
