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
    /// The next pull uses the new ones. That requires no new release, and does not affect
    /// running instances.
    UpdateRegistry,
    PATCH "/workspace/{workspace_id}/registry/{registry_id}" {
        /// The workspace that owns them.
        workspace_id: WorkspaceId,
        /// The registry.
        registry_id: RegistryId,
    },
    permission = Registry::Edit on workspace_id,
    rate = Writes,
    audit = "registry.update",
    request = {
        /// The user name for pulling images; unchanged when left out.
        #[garde(dive)]
        user_name: Option<RegistryUserName>,
        /// The password or token; unchanged when left out.
        #[garde(dive)]
        #[secret]
        password: Option<SecretText>,
    },
    response = 200 {
        /// The registry after the change.
        registry: Registry,
    },
}
