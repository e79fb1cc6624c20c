//! `POST /workspace/{workspace_id}/registry`

use macros::declare_api_endpoint;

use crate::{
    WorkspaceId,
    registry::Registry,
    value::{RegistryHost, RegistryUserName, SecretText},
};

declare_api_endpoint! {
    /// Add credentials for a registry.
    ///
    /// From now on, images of this host are pulled with them, and images of no other host. No
    /// response ever contains the password.
    CreateRegistry,
    POST "/workspace/{workspace_id}/registry" {
        /// The workspace that will own them.
        workspace_id: WorkspaceId,
    },
    permission = Registry::Create on workspace_id,
    rate = Writes,
    audit = "registry.create",
    request = {
        /// The registry's host as it appears in image names, unique in the workspace.
        ///
        /// `docker.io` is the registry of images that name no host.
        #[garde(dive)]
        host: RegistryHost,
        /// The user name for pulling images.
        #[garde(dive)]
        user_name: RegistryUserName,
        /// The password or token, preferably with read access only.
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
