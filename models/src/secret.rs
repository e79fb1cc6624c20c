//! Secrets of a workspace: values that go in and never come out again but into the apps that use
//! them.

use serde::{Deserialize, Serialize};

use crate::{
    DeploymentId, SecretId, WorkspaceId,
    time::Timestamp,
    value::{ResourceName, SecretName},
};

/// A secret, without its value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Secret {
    /// The secret's id.
    pub secret_id: SecretId,
    /// The workspace that owns it.
    pub workspace_id: WorkspaceId,
    /// Its name, unique in the workspace.
    pub name: SecretName,
    /// Counts its values from 1.
    pub version: i64,
    /// The deployments whose settings use it, by name.
    pub used_by: Vec<SecretUser>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When its value was last replaced.
    pub updated_at: Timestamp,
}

/// A deployment that uses a secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SecretUser {
    /// The deployment.
    pub deployment_id: DeploymentId,
    /// Its name.
    pub name: ResourceName,
}
