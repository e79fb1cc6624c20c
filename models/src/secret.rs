//! Secrets of an environment. Their values are write-only: only apps that use them receive them.

use serde::{Deserialize, Serialize};

use crate::{
    DeploymentId, SecretId, WorkspaceId,
    environment::EnvironmentSummary,
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
    /// The environment that it belongs to.
    pub environment: EnvironmentSummary,
    /// Its name, unique in the environment.
    pub name: SecretName,
    /// The number of its current value, from 1.
    pub version: i64,
    /// The deployments whose settings reference it, by name.
    pub used_by: Vec<SecretUser>,
    /// The time at which it was created.
    pub created_at: Timestamp,
    /// The time at which its value was last replaced.
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
