//! Registries of a workspace: where its images come from, and as whom they are pulled.

use serde::{Deserialize, Serialize};

use crate::{
    DeploymentId, RegistryId, WorkspaceId,
    time::Timestamp,
    value::{ImageReference, RegistryHost, RegistryUserName, ResourceName},
};

/// A registry that images are pulled from with credentials; the password is never shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Registry {
    /// The registry's id.
    pub registry_id: RegistryId,
    /// The workspace that keeps the credentials.
    pub workspace_id: WorkspaceId,
    /// Its host, unique in the workspace.
    pub host: RegistryHost,
    /// As whom images are pulled.
    pub user_name: RegistryUserName,
    /// The deployments whose settings name an image of this registry, by name.
    pub used_by: Vec<RegistryUser>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When its user name or password was last replaced.
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
