//! `POST /workspace/{workspace_id}/registry`

use macros::declare_api_endpoint;

use crate::{
    WorkspaceId,
    registry::Registry,
    value::{RegistryHost, RegistryUserName, SecretText},
};

declare_api_endpoint! {
    /// Keep credentials for a registry.
    ///
    /// Images of this host are pulled with them from now on, and images of no other host. No
    /// answer ever shows the password again.
    CreateRegistry,
    POST "/workspace/{workspace_id}/registry" {
        /// The workspace that will keep them.
        workspace_id: WorkspaceId,
    },
    permission = Registry::Create on workspace_id,
    rate = Writes,
    audit = "registry.create",
    request = {
        /// Its host as it stands in the names of images, unique in the workspace. `docker.io` is
        /// the registry of images that name no host.
        #[garde(dive)]
        host: RegistryHost,
        /// As whom images are pulled.
        #[garde(dive)]
        user_name: RegistryUserName,
        /// The password or token; best one that may only read.
        #[garde(dive)]
        #[secret]
        password: SecretText,
    },
    response = 201 {
        /// The new registry.
        registry: Registry,
    },
    errors = [RegistryHostTaken],
}
