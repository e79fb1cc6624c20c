//! Registries of a workspace, and the credentials for pulling from them.

use serde::{Deserialize, Serialize};

use crate::{
    DeploymentId, RegistryId, WorkspaceId,
    time::Timestamp,
    value::{ImageReference, RegistryHost, RegistryUserName, ResourceName},
};

/// A registry with credentials for pulling images; the password is never shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Registry {
    /// The registry's id.
    pub registry_id: RegistryId,
    /// The workspace that owns the credentials.
    pub workspace_id: WorkspaceId,
    /// Its host, unique in the workspace.
    pub host: RegistryHost,
    /// The user name for pulling images.
    pub user_name: RegistryUserName,
    /// The deployments whose settings name an image of this registry, by name.
    pub used_by: Vec<RegistryUser>,
    /// The time at which it was created.
    pub created_at: Timestamp,
    /// The time at which its user name or password was last replaced.
    pub updated_at: Timestamp,
}

/// A deployment whose image comes from a registry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RegistryUser {
    /// The deployment.
    pub deployment_id: DeploymentId,
    /// Its name.
    pub name: ResourceName,
    /// The image.
    pub image: ImageReference,
}
